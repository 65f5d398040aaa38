package filing

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/service"
)

func textPage(keys ...string) service.Page {
	p := service.Page{Key: "page"}
	for _, k := range keys {
		p.Fields = append(p.Fields, service.Field{Key: k, Type: service.TypeText})
	}
	return p
}

func stored(answers map[string]string) Draft {
	d := &service.Definition{Pages: []service.Page{textPage("a", "b", "c")}}
	return Draft{File: casework.File{Application: application.Application{Answers: answers}, Form: form.Form{Revision: &service.Revision{Definition: d}}}}
}

func TestMergeFieldByField(t *testing.T) {
	page := textPage("a", "b", "c")
	shown := map[string]string{"a": "1", "b": "1"}
	base := Base(page, shown)
	for _, c := range []struct {
		name          string
		stored, typed map[string]string
		want          map[string]string
		elsewhere     []string
		conflicts     []string
	}{
		{"nothing", shown, map[string]string{"a": "1", "b": "1", "c": ""}, shown, nil, nil},
		{"here only", shown, map[string]string{"a": "2", "b": "1"}, map[string]string{"a": "2", "b": "1"}, nil, nil},
		{"there only", map[string]string{"a": "2", "b": "1"}, map[string]string{"a": "1", "b": "1"}, map[string]string{"a": "2", "b": "1"}, []string{"a"}, nil},
		{"one each", map[string]string{"a": "2", "b": "1"}, map[string]string{"a": "1", "b": "3"}, map[string]string{"a": "2", "b": "3"}, []string{"a"}, nil},
		{"the same on both", map[string]string{"a": "2", "b": "1"}, map[string]string{"a": "2", "b": "1"}, map[string]string{"a": "2", "b": "1"}, nil, nil},
		{"both", map[string]string{"a": "2", "b": "1"}, map[string]string{"a": "3", "b": "4", "c": "5"}, map[string]string{"a": "2", "b": "4", "c": "5"}, nil, []string{"a"}},
		{"emptied here", shown, map[string]string{"a": ""}, map[string]string{"b": "1"}, nil, nil},
		{"emptied here, changed there", map[string]string{"a": "2", "b": "1"}, map[string]string{"a": ""}, map[string]string{"a": "2", "b": "1"}, nil, []string{"a"}},
		{"emptied there, changed here", map[string]string{"b": "1"}, map[string]string{"a": "2"}, map[string]string{"b": "1"}, nil, []string{"a"}},
		{"not on the form", map[string]string{"a": "2"}, map[string]string{}, map[string]string{"a": "2"}, nil, nil},
		{"not on the page", shown, map[string]string{"z": "9"}, shown, nil, nil},
	} {
		m := merge(stored(c.stored), page, Save{Base: base, Values: c.typed})
		var conflicts []string
		for _, f := range m.conflicts {
			conflicts = append(conflicts, f.Path)
		}
		if !maps.Equal(m.application.Answers, c.want) || !slices.Equal(m.elsewhere, c.elsewhere) || !slices.Equal(conflicts, c.conflicts) {
			t.Errorf("%s: %v, elsewhere %v, conflicts %v", c.name, m.application.Answers, m.elsewhere, conflicts)
		}
		if m.changed != !maps.Equal(c.stored, c.want) {
			t.Errorf("%s: changed = %v", c.name, m.changed)
		}
	}
}

// A form without a base, or with one of another shape, overwrites nothing.
func TestMergeWithoutABase(t *testing.T) {
	page := textPage("a")
	for _, base := range []string{"", "0123456789abcdef01234567", "a", "a:", ":", ",,,", "b:" + mark("a", "1")} {
		m := merge(stored(map[string]string{"a": "1"}), page, Save{Base: base, Values: map[string]string{"a": "2"}})
		if m.changed || len(m.conflicts) != 1 {
			t.Errorf("%q: %+v", base, m)
		}
	}
}

// Any number of windows that save and autosave: a value that a save replaces was seen by the window that saved, what a
// window typed is either stored or still in its conflict, and a field that one window alone changes never conflicts.
func TestWindowsNeverOverwriteSilently(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		page := textPage("a", "b", "c")
		now := map[string]string{}
		type window struct {
			base        string
			seen, typed map[string]string
		}
		open := func() *window { return &window{Base(page, now), maps.Clone(now), maps.Clone(now)} }
		windows := []*window{open(), open(), open()}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, 2).Draw(t, "window")
			w := windows[i]
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				windows[i] = open()
			case 1, 2:
				w.typed[page.Fields[rapid.IntRange(0, 2).Draw(t, "field")].Key] = rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(t, "value")
			default:
				d := stored(now)
				in := Save{Base: w.base, Values: map[string]string{}}
				for _, f := range page.Fields {
					in.Values[f.Key] = w.typed[f.Key]
				}
				m := merge(d, page, in)
				after := m.application.Answers
				for _, f := range page.Fields {
					k := f.Key
					conflict := slices.ContainsFunc(m.conflicts, func(p fault.Field) bool { return p.Path == k })
					switch {
					case after[k] != now[k] && (w.seen[k] != now[k] || after[k] != w.typed[k]):
						t.Fatalf("%s: %q became %q, unseen by the window", k, now[k], after[k])
					case conflict && (w.typed[k] == w.seen[k] || now[k] == w.seen[k]):
						t.Fatalf("%s: a conflict although one side alone changed it", k)
					case !conflict && w.typed[k] != w.seen[k] && after[k] != w.typed[k]:
						t.Fatalf("%s: what was typed is lost", k)
					}
					if after[k] == w.typed[k] {
						w.seen[k] = after[k]
					}
				}
				now = after
				w.base = stored(now).Shown(page, in)
			}
		}
	})
}

// Whatever a browser sends as the base: a stored value is replaced only where the base names exactly that value.
func FuzzMergeBase(f *testing.F) {
	page := textPage("a", "b")
	now := map[string]string{"a": "1", "b": "1"}
	f.Add(Base(page, now))
	f.Add("")
	f.Add("a:" + mark("a", "2") + ",a:" + mark("a", "1"))
	f.Add("a:,b:" + mark("a", "1"))
	f.Fuzz(func(t *testing.T, base string) {
		in := Save{Base: base, Values: map[string]string{"a": "2", "b": "2"}}
		m := merge(stored(now), page, in)
		for _, key := range []string{"a", "b"} {
			if m.application.Answers[key] != "1" && marks(base)[key] != mark(key, "1") {
				t.Errorf("%q replaced %s unseen", base, key)
			}
		}
		if again := stored(now).Shown(page, in); len(marks(again)) != len(page.Fields) {
			t.Errorf("%q goes on as %q", base, again)
		}
	})
}
