package application

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"elicense/internal/civil"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// Replay decides an automatic decision again, from its stored inputs and by the revision that it names, and tells what differs;
// empty = it is the same outcome, branch and grounds. Inputs that came from the answers must be what the answers still say;
// all others are taken as they were when it was decided.
func Replay(d Decision, x form.Filled, formats func(lang.Lang) form.Formats) []string {
	x = x.Shown()
	x.Vars = maps.Clone(x.Vars)
	var differs []string
	for _, name := range slices.Sorted(maps.Keys(d.Inputs)) {
		in := d.Inputs[name]
		if inputText(x.Vars[name]) == in.Value {
			continue
		}
		field, _ := x.Form.Revision.Definition.Field(name)
		if in.Source == "answer" && field.Type != service.TypeComputed {
			differs = append(differs, "the answer "+name+" is not what the decision rests on")
			continue
		}
		value, ok := inputValue(x.Vars[name], in.Value)
		if !ok {
			differs = append(differs, "the input "+name+" cannot be read")
			continue
		}
		x.Vars[name] = value
	}
	again, err := Decide(x, formats, time.Time{})
	if err != nil {
		return append(differs, "it cannot be decided again: "+err.Error())
	}
	if again.Outcome != d.Outcome || again.Branch != d.Branch {
		differs = append(differs, fmt.Sprintf("it was %s by %s, its rules say %s by %s", d.Outcome, d.Branch, again.Outcome, again.Branch))
	}
	if was, is := groundKeys(d), groundKeys(again); was != is {
		differs = append(differs, fmt.Sprintf("its grounds were [%s], its rules say [%s]", was, is))
	}
	if x.Form.Revision.Number != d.Revision {
		differs = append(differs, fmt.Sprintf("it names revision %d, the application is of %d", d.Revision, x.Form.Revision.Number))
	}
	return differs
}

func groundKeys(d Decision) string {
	var keys []string
	for _, g := range d.Grounds {
		keys = append(keys, g.Key)
	}
	return strings.Join(keys, ", ")
}

// inputValue reads what inputText wrote, as a value of the same type as another one.
func inputValue(like any, text string) (any, bool) {
	switch like.(type) {
	case string:
		return text, true
	case bool:
		v, err := strconv.ParseBool(text)
		return v, err == nil
	case int64:
		v, err := strconv.ParseInt(text, 10, 64)
		return v, err == nil
	case time.Time:
		v, err := civil.ParseDate(text)
		return service.Day(v), err == nil
	}
	return nil, false
}
