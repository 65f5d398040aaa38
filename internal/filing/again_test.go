package filing

import (
	"maps"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/service"
)

func TestCopyAnswers(t *testing.T) {
	page := textPage("typed", "taken", "taken_gone", "replaced", "preset", "empty")
	page.Fields = append(page.Fields, service.Field{Key: "statement", Type: service.TypeConfirm})
	then, now := time.Unix(1, 0), time.Unix(2, 0)
	registry := func(at time.Time) application.Source { return application.Source{From: "registry", At: at} }
	old := application.Application{
		Answers: map[string]string{"typed": "t", "taken": "old", "taken_gone": "g", "replaced": "mine", "preset": "export", "statement": "yes", "dropped": "d"},
		Sources: map[string]application.Source{"taken": registry(then), "taken_gone": registry(then)},
	}
	a := application.Application{
		Answers: map[string]string{"taken": "new", "replaced": "theirs", "preset": "import", "empty": "from the profile"},
		Sources: map[string]application.Source{"taken": registry(now), "replaced": registry(now), "empty": registry(now), "taken_gone": {From: "registry-down", At: now}},
	}
	copyAnswers(&service.Definition{Pages: []service.Page{page}}, &a, old)
	if want := map[string]string{"typed": "t", "taken": "new", "taken_gone": "g", "replaced": "mine", "preset": "export", "empty": "from the profile"}; !maps.Equal(a.Answers, want) {
		t.Errorf("answers %v", a.Answers)
	}
	if want := map[string]application.Source{"taken": registry(now), "taken_gone": registry(then), "empty": registry(now)}; !maps.Equal(a.Sources, want) {
		t.Errorf("sources %v", a.Sources)
	}
}
