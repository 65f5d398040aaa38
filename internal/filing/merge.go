package filing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

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
	return base(page, func(key string) string { return mark(key, answers[key]) })
}

func base(page service.Page, mark func(key string) string) string {
	parts := make([]string, len(page.Fields))
	for i, f := range page.Fields {
		parts[i] = f.Key + ":" + mark(f.Key)
	}
	return strings.Join(parts, ",")
}

// Base is the Base of a page of the draft, with the revision of the form before it ("@3,"): so that it is known which
// questions the person saw.
func (d Draft) Base(page service.Page) string {
	return d.head() + Base(page, d.Application.Answers)
}

func (d Draft) head() string { return "@" + strconv.Itoa(d.Application.Revision) + "," }

// seen is the revision of the form that a Base was made of; 0 where it does not say.
func seen(base string) int {
	head, _, _ := strings.Cut(base, ",")
	n, err := strconv.Atoi(strings.TrimPrefix(head, "@"))
	if err != nil || !strings.HasPrefix(head, "@") {
		return 0
	}
	return n
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
	return pageOf(d.Definition(), key)
}

func pageOf(d *service.Definition, key string) (service.Page, error) {
	for _, p := range d.Pages {
		if p.Key == key {
			return p, nil
		}
	}
	return service.Page{}, fault.New(fault.NotFound, "fault.not-found")
}

// Shown gives the Base of a form that was saved and goes on showing what was typed into it: fields that hold what is
// stored have a new mark, the others keep theirs.
func (d Draft) Shown(page service.Page, in Save) string {
	old, fields := marks(in.Base), map[string]service.Field{}
	for _, f := range page.Fields {
		fields[f.Key] = f
	}
	return d.head() + base(page, func(key string) string {
		if typed, given := in.Values[key]; given && d.normalise(fields[key], typed) == d.Application.Answers[key] {
			return mark(key, d.Application.Answers[key])
		}
		return old[key]
	})
}

// Asked gives a page as the person saw it who sends it: of the revision that the Base names. current is false where the
// draft stands on another one by now.
func (f *Filing) Asked(ctx context.Context, d Draft, in Save) (page service.Page, current bool, err error) {
	number := seen(in.Base)
	if number <= 0 || number >= d.Application.Revision {
		page, err = d.Page(in.Page)
		return page, true, err
	}
	rev, err := f.Revision(ctx, d, number)
	if err != nil {
		return service.Page{}, false, err
	}
	page, err = pageOf(rev.Definition, in.Page)
	return page, false, err
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
// all the same, and the draft comes with the fault. A page of an older revision is laid over the draft on the newest one:
// what was typed into questions that are gone is set aside.
func (f *Filing) Save(ctx context.Context, actor access.Actor, number string, in Save) (Draft, error) {
	var d Draft
	var m merged
	err := f.updateDraft(ctx, actor, number, func(tx port.Tx) (err error) {
		if d, err = f.editable(ctx, tx, actor, number); err != nil {
			return err
		}
		page, _, err := f.Asked(ctx, d, in)
		if err != nil {
			return err
		}
		m = merge(d, page, in)
		if !m.changed {
			return nil
		}
		a := m.application
		a.ChangedAt = a.Moment(f.World.Now())
		d.Application = a
		if d.File, err = f.Casework.Refresh(ctx, tx, d.File, a.ChangedAt); err != nil {
			return err
		}
		typed := a.Answers
		if a.Answers, err = d.Form.Complete(typed, d.Facts); err != nil {
			return err
		}
		tx.Write().Applications().Change(a)
		if m.aside != nil {
			tx.Write().Services().Move(*m.aside)
		}
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
	aside       *application.Move // the move beside which something typed is kept
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
		if !given || field.Type == service.TypeComputed || d.AskedOnce(field.Key) {
			continue
		}
		shownAs := field
		field, asked := d.Definition().Field(field.Key)
		if !asked {
			m.setAside(d.Moves, seen(in.Base), shownAs.Key, clip(typed))
			continue
		}
		if field.Type == service.TypeConfirm && restated(shownAs, field) {
			continue // another statement was confirmed
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

// setAside keeps what was typed into a question that is gone, beside the move away from the revision that asked it.
func (m *merged) setAside(moves []application.Move, revision int, key, typed string) {
	at := slices.IndexFunc(moves, func(x application.Move) bool { return x.From >= revision })
	if at < 0 || strings.TrimSpace(typed) == "" {
		return
	}
	if m.aside == nil {
		away := moves[at]
		if away.Aside = maps.Clone(away.Aside); away.Aside == nil {
			away.Aside = map[string]string{}
		}
		m.aside = &away
	}
	if m.aside.Aside[key] != typed {
		m.aside.Aside[key], m.aside.SeenAt = typed, time.Time{}
		m.changed = true
	}
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
