package cases_test

import (
	"io/fs"
	"syscall"
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

// filled gives the form of a built-in service and the answers of one of its cases.
func filled(b *testing.B, key, file string) (form.Form, form.Answers, form.Facts) {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	_, _, library, err := service.ReadCommon(services.Files)
	must(err)
	set, err := classifier.Load()
	must(err)
	folder, err := fs.Sub(services.Files, key)
	must(err)
	src, err := service.ReadSource(folder)
	must(err)
	rev, err := service.NewRevision(src, library, 1)
	must(err)
	rows, err := cases.Rows(rev, src)
	must(err)
	text, err := fs.ReadFile(folder, "cases/"+file)
	must(err)
	var c cases.Case
	must(yaml.Unmarshal(text, &c))
	f := form.Form{Revision: rev, Dirs: reference.Fixed(set, rev, rows), Day: c.Filed}
	answers := form.Answers{}
	for key, typed := range c.Answers {
		field, _ := rev.Definition.Field(key)
		answers[key] = f.Normalise(field, typed)
	}
	return f, answers, form.Facts{Today: c.Filed, Recipient: c.Party.Kind, FeePaid: true}
}

// measured runs an act and reports the processor time of the whole program for each application.
func measured(b *testing.B, act func() error) {
	b.Helper()
	spent := func() time.Duration {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := spent()
	for b.Loop() {
		if err := act(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((spent()-before).Nanoseconds())/1_000/float64(b.N), "cpu-µs/application")
}

// BenchmarkApplication is what the form and the rules of the three services of the manuals cost an application, from its
// stored answers on: every check of the form, and the decision by the rules.
func BenchmarkApplication(b *testing.B) {
	texts, err := lang.Load(locales.Files)
	if err != nil {
		b.Fatal(err)
	}
	formats := func(l lang.Lang) form.Formats { return texts.In(l) }
	for _, c := range []struct{ key, file string }{
		{"trade-licence", "01-import-granted.yaml"}, {"numbering-resource", "08-most.yaml"}, {"licence-restoration", "01-as-in-the-manual.yaml"},
	} {
		f, answers, facts := filled(b, c.key, c.file)
		b.Run(c.key+"/form", func(b *testing.B) {
			measured(b, func() error {
				_, err := f.Check("", answers, facts)
				return err
			})
		})
		b.Run(c.key+"/decision", func(b *testing.B) {
			measured(b, func() error {
				x, err := f.Fill(answers, facts)
				if err != nil {
					return err
				}
				_, err = application.Decide(x, formats, facts.Today.Start(time.UTC))
				return err
			})
		})
	}
}
