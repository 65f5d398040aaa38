package filing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strings"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/port"
	"elicense/internal/service"
)

// KeyConflict is the field fault of an answer that was changed both here and elsewhere, to different values.
const KeyConflict = "filing.conflict"

// Base names the answers of a page as they were shown, field by field: "key:digest" of each, separated by commas. A save
// brings it back, so that it is known which answers somebody else (another tab, a colleague) changed meanwhile, and which
// the person changed.
func Base(page service.Page, answers form.Answers) string {
	parts := make([]string, len(page.Fields))
	for i, f := range page.Fields {
		parts[i] = f.Key + ":" + mark(f.Key, answers[f.Key])
	}
	return strings.Join(parts, ",")
}

// mark is the digest of one answer, short because only the same person's own answers are told apart by it.
func mark(key, answer string) string {
	sum := sha256.Sum256([]byte(key + "\x00" + answer))
	return hex.EncodeToString(sum[:6])
}

// marks reads a Base. What is no Base has no marks: then every field that differs is a conflict.
func marks(base string) map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(base, ",") {
		if key, digest, ok := strings.Cut(part, ":"); ok {
			m[key] = digest
		}
	}
	return m
}

// Save is a page of the form as it was typed.
type Save struct {
	Page   string
	Base   string // of what the form showed before it was filled in
	Values map[string]string
}

// Page finds a page of the definition.
func (d Draft) Page(key string) (service.Page, error) {
	for _, p := range d.Definition().Pages {
		if p.Key == key {
			return p, nil
		}
	}
	return service.Page{}, fault.New(fault.NotFound, "fault.not-found")
}

// Shown gives the Base of a form that was saved and goes on showing what was typed into it: fields that hold what is
// stored have a new mark, the others keep theirs.
func (d Draft) Shown(page service.Page, in Save) string {
	old := marks(in.Base)
	parts := make([]string, len(page.Fields))
	for i, f := range page.Fields {
		digest := old[f.Key]
		if typed, given := in.Values[f.Key]; given && d.normalise(f, typed) == d.Application.Answers[f.Key] {
			digest = mark(f.Key, d.Application.Answers[f.Key])
		}
		parts[i] = f.Key + ":" + digest
	}
	return strings.Join(parts, ",")
}

// normalise makes what was typed storable.
func (d Draft) normalise(f service.Field, typed string) string {
	if f.Type == service.TypeRows || f.Type == service.TypeTerritory {
		return d.Form.Normalise(f, clipTo(typed, form.MaxList+1)) // what is longer is no list any more, and said to be too long
	}
	return d.Form.Normalise(f, clip(typed))
}

// Save stores a page as typed, well formed or not, and gives the draft as it is now. What somebody else changed on the
// page meanwhile stays, and is named in Elsewhere. A field changed on both sides to different values keeps what is stored
// and makes fault.Conflict "filing.stale" with a KeyConflict at each such field; everything else of the page is stored
// all the same, and the draft comes with the fault.
func (f *Filing) Save(ctx context.Context, actor access.Actor, number string, in Save) (Draft, error) {
	var d Draft
	var m merged
	err := f.Store.Update(ctx, func(tx port.Tx) (err error) {
		if d, err = f.editable(ctx, tx, actor, number); err != nil {
			return err
		}
		page, err := d.Page(in.Page)
		if err != nil {
			return err
		}
		m = merge(d, page, in)
		if !m.changed {
			return nil
		}
		a := m.application
		a.ChangedAt = f.World.Now()
		d.Application = a
		if d.File, err = f.Casework.Refresh(ctx, tx, d.File, a.ChangedAt); err != nil {
			return err
		}
		typed := a.Answers
		if a.Answers, err = d.Form.Complete(typed, d.Facts); err != nil {
			return err
		}
		tx.Write().Applications().Change(a)
		a.Version++
		d.Application = a
		if !maps.Equal(typed, a.Answers) { // a computed value may be what a lookup asks for
			if d.File, err = f.Casework.Refresh(ctx, tx, d.File, a.ChangedAt); err != nil {
				return err
			}
		}
		d.Visible, err = d.Form.Visible(a.Answers, d.Facts)
		return err
	})
	if err != nil {
		return d, err
	}
	d.Elsewhere = m.elsewhere
	if len(m.conflicts) > 0 {
		return d, &fault.Fault{Kind: fault.Conflict, Key: "filing.stale", Fields: m.conflicts}
	}
	return d, nil
}

// merged is a page laid over the answers.
type merged struct {
	application application.Application
	changed     bool
	elsewhere   []string // fields that somebody else changed and this form did not
	conflicts   []fault.Field
}

// merge lays the typed values of a page over the answers. Values of fields that are not on the page are ignored.
func merge(d Draft, page service.Page, in Save) merged {
	m := merged{application: d.Application}
	answers, sources := map[string]string{}, map[string]application.Source{}
	maps.Copy(answers, d.Application.Answers)
	maps.Copy(sources, d.Application.Sources)
	shown := marks(in.Base)
	for _, field := range page.Fields {
		typed, given := in.Values[field.Key]
		if !given || field.Type == service.TypeComputed {
			continue
		}
		value, stored := d.normalise(field, typed), answers[field.Key]
		if value == stored {
			continue
		}
		switch shown[field.Key] {
		case mark(field.Key, stored): // changed here only
		case mark(field.Key, value): // changed elsewhere only
			m.elsewhere = append(m.elsewhere, field.Key)
			continue
		default:
			m.conflicts = append(m.conflicts, fault.Field{Path: field.Key, Key: KeyConflict})
			continue
		}
		m.changed = true
		delete(sources, field.Key)
		if value == "" {
			delete(answers, field.Key)
		} else {
			answers[field.Key] = value
		}
	}
	m.application.Answers, m.application.Sources = answers, sources
	return m
}

// maxTyped bounds what is kept of one field, in bytes: four times what any field accepts in characters.
const maxTyped = 16 << 10

// clip makes typed text storable: valid UTF-8 without NUL, within the bound.
func clip(s string) string { return clipTo(s, maxTyped) }

func clipTo(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}
