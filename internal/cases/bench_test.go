package cases_test

import (
	"io/fs"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"elicense/internal/application"
	"elicense/internal/cases"
	"elicense/internal/classifier"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/locales"
	"elicense/services"
)

// BenchmarkDecide is the decision of an application of the trade licence, from its answers on.
func BenchmarkDecide(b *testing.B) {
	_, _, library, err := service.ReadCommon(services.Files)
	if err != nil {
		b.Fatal(err)
	}
	set, err := classifier.Load()
	if err != nil {
		b.Fatal(err)
	}
	texts, err := lang.Load(locales.Files)
	if err != nil {
		b.Fatal(err)
	}
	folder, err := fs.Sub(services.Files, "trade-licence")
	if err != nil {
		b.Fatal(err)
	}
	src, err := service.ReadSource(folder)
	if err != nil {
		b.Fatal(err)
	}
	rev, err := service.NewRevision(src, library, 1)
	if err != nil {
		b.Fatal(err)
	}
	text, err := fs.ReadFile(folder, "cases/01-import-granted.yaml")
	if err != nil {
		b.Fatal(err)
	}
	var c cases.Case
	if err := yaml.Unmarshal(text, &c); err != nil {
		b.Fatal(err)
	}
	f := form.Form{Revision: rev, Dirs: reference.Fixed(set, rev, nil), Day: c.Filed}
	answers := form.Answers{}
	for key, typed := range c.Answers {
		field, _ := rev.Definition.Field(key)
		answers[key] = f.Normalise(field, typed)
	}
	formats := func(l lang.Lang) form.Formats { return texts.In(l) }
	for b.Loop() {
		x, err := f.Fill(answers, form.Facts{Today: c.Filed, FeePaid: true})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := application.Decide(x, formats, c.Filed.Start(time.UTC)); err != nil {
			b.Fatal(err)
		}
	}
}
