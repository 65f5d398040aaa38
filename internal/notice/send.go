package notice

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// tries is how often a letter is tried before it is parked.
const tries = 5

// patience is how long one attempt may take.
const patience = 30 * time.Second

// wait is how long after so many failures the next attempt is.
func wait(failures int) time.Duration {
	waits := []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}
	return waits[min(failures-1, len(waits)-1)]
}

// Send sends what is due, at most a batch. A letter that cannot be sent does not hinder the others, and a channel that
// hangs not the other channels.
func (n *Notices) Send(ctx context.Context) error {
	var due []port.Notice
	err := n.Store.View(ctx, func(v port.View) (err error) {
		due, err = v.Office().Notices().Due(ctx, n.World.Now(), batch)
		return err
	})
	if err != nil {
		return err
	}
	var channels sync.WaitGroup
	errs := make([]error, 2)
	for i, c := range []port.Channel{port.Mail, port.SMS} {
		channels.Go(func() {
			for _, x := range due {
				if x.Channel != c {
					continue
				}
				if err := n.send(ctx, x); err != nil && !fault.Is(err, "store.race") {
					errs[i] = err
					return
				}
			}
		})
	}
	channels.Wait()
	return errors.Join(errs...)
}

// send makes one attempt. It is counted before it is made: two nodes never send one letter at once, and one that a crash
// cuts short is tried again under the same id.
func (n *Notices) send(ctx context.Context, x port.Notice) error {
	x.Attempts++
	x.NextAt = n.World.Now().Add(wait(x.Attempts))
	l, in, err := n.claim(ctx, x)
	if err != nil {
		return err
	}
	var ok bool
	if l.Subject, l.Text, ok, err = n.Words.Notice(ctx, in, x, n.args(x, in)); err != nil {
		return err
	}
	sender := n.Senders[x.Channel]
	switch {
	case !ok || l.To == "":
		err = fault.New(fault.Invalid, "notice.no-address")
	case sender == nil:
		err = fault.New(fault.Invalid, "notice.no-channel")
	default:
		attempt, cancel := context.WithTimeout(ctx, patience)
		var provider string
		provider, err = sender.Send(attempt, l)
		cancel()
		if provider != "" {
			x.Provider = provider
		}
	}
	x.Reason = reason(err)
	switch {
	case err == nil:
		x.State, x.SentAt = port.NoticeSent, n.World.Now()
	case fault.KindOf(err) == fault.Invalid || x.Attempts >= tries:
		x.State = port.NoticeParked
	}
	return n.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Notices().Attempt(x, x.Attempts)
		return nil
	})
}

// claim counts the attempt and addresses the letter, in the language of the account; To is empty where it has no address any
// more.
func (n *Notices) claim(ctx context.Context, x port.Notice) (l port.Letter, in lang.Lang, err error) {
	err = n.Store.Update(ctx, func(tx port.Tx) error {
		holder, err := tx.Accounts().Account(ctx, x.Account)
		if err != nil {
			return err
		}
		in = langOf(holder)
		l = port.Letter{ID: x.ID, To: holder.Email, Once: once(x.Kind), Provider: x.Provider}
		if x.Channel == port.SMS {
			l.To = holder.Phone
		}
		tx.Write().Office().Notices().Attempt(x, x.Attempts-1)
		return nil
	})
	return l, in, err
}

// reason is a failure as it is kept: a key, never what a provider wrote, which may hold an address.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	return "notice.failed"
}

// Templates are the words of notices.
type Templates interface {
	// Notice gives subject and text of a notice in a language, for its channel; the subject of an SMS is empty. ok is false
	// for a kind without words. Values of args are text: nothing in them is interpreted.
	Notice(ctx context.Context, l lang.Lang, x port.Notice, args map[string]string) (subject, text string, ok bool, err error)
}

// Locales are the words of the program: notice.subject.<kind>, notice.text.<kind> and notice.sms.<kind>; or a body's own.
type Locales struct {
	Texts *lang.Catalogue
	// Own gives the text of a body in the place of notice.text.<kind>; ok is false where it has none. nil = no body has any.
	// The subject, the word about a complaint, the footer and the SMS, which a body cannot lengthen, stay the program's.
	Own func(ctx context.Context, l lang.Lang, x port.Notice, args map[string]string) (text string, ok bool, err error)
}

// Notice implements Templates.
func (t Locales) Notice(ctx context.Context, l lang.Lang, x port.Notice, args map[string]string) (subject, text string, ok bool, err error) {
	say := t.Texts.In(l)
	if !say.Has("notice.text." + x.Kind) {
		return "", "", false, nil
	}
	args = maps.Clone(args)
	if day, err := civil.ParseDate(args[ArgUntil]); err == nil {
		args[ArgUntil] = say.LongDate(day)
	}
	var kv []string
	for name, value := range args {
		kv = append(kv, name, value)
	}
	if x.Channel == port.SMS {
		return "", say.T("notice.sms."+x.Kind, kv...), true, nil
	}
	own := false
	if t.Own != nil {
		if text, own, err = t.Own(ctx, l, x, args); err != nil {
			return "", "", false, err
		}
	}
	if !own {
		text = say.T("notice.text."+x.Kind, kv...)
	}
	between := " "
	if x.Channel == port.Mail {
		between = "\n\n"
	}
	if x.Kind == string(application.Refused) {
		text += between + say.T("notice.appeal", kv...)
	}
	if x.Channel == port.Mail {
		text += between + say.T("notice.footer", kv...)
	}
	return say.T("notice.subject."+x.Kind, kv...), text, true, nil
}
