package wording

import (
	"context"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/notice"
	"elicense/internal/port"
	"elicense/internal/service"
)

// of gives the confirmed templates of a body, at most five seconds old.
func (w *Wording) of(ctx context.Context, body string) ([]service.Row, error) {
	now := w.world.Now()
	w.mu.Lock()
	k, ok := w.known[body]
	w.mu.Unlock()
	if age := now.Sub(k.at); ok && age >= 0 && age < stale {
		return k.rows, nil
	}
	err := w.store.View(ctx, func(v port.View) (err error) {
		k.rows, err = v.Directories().Rows(ctx, directory(body))
		return err
	})
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.known[body] = known{rows: k.rows, at: now}
	w.mu.Unlock()
	return k.rows, nil
}

// Templates implements casework.Templates: that of the ground, then that of all refusals of the body.
func (w *Wording) Templates(ctx context.Context, body, service, ground string) ([]casework.Template, error) {
	rows, err := w.of(ctx, body)
	var list []casework.Template
	for _, code := range []string{refusalCode(service, ground), anyRefusal} {
		if r, ok := newest(rows, code, w.today()); ok {
			list = append(list, casework.Template{Name: r.Name, KK: r.Values[FieldKK], RU: r.Values[FieldRU]})
		}
	}
	return list, err
}

// Letter gives the text of a notice in the words of its body, as they stood on the day of the notice; ok is false where
// the body has none in the language, or the notice is no body's. It is the Own of notice.Locales.
func (w *Wording) Letter(ctx context.Context, l lang.Lang, x port.Notice, args map[string]string) (text string, ok bool, err error) {
	body, known := w.catalogue.Body(x.Args[notice.ArgBody])
	if !known {
		return "", false, nil
	}
	rows, err := w.of(ctx, body.Key)
	if err != nil {
		return "", false, err
	}
	r, ok := newest(rows, letterCode(x.Kind), civil.Of(x.CreatedAt, lang.Almaty()))
	t := w.read(body.Key, r)
	if text = t.Text.Get(l); !ok || text == "" {
		return "", false, nil
	}
	values := map[string]string{notice.ArgBody: body.Name.Get(l)}
	if rev, err := w.catalogue.Service(x.Args[notice.ArgService]); err == nil {
		values[notice.ArgService] = rev.Definition.Name.Get(l)
	}
	for _, name := range notice.Placeholders(x.Kind) {
		if _, ok := values[name]; !ok {
			values[name] = args[name]
		}
	}
	return application.FillTemplate(text, values), true, nil
}
