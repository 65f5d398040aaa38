// Package message is what applicant and officials write to each other about an application. Both sides read everything,
// whoever of them wrote; nothing is changed or taken back. What officials write among themselves is not here.
package message

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/documents"
	"elicense/internal/fault"
	"elicense/internal/notice"
	"elicense/internal/port"
)

// Limits.
const (
	MaxText  = 4000 // characters of a message
	MaxFiles = 10   // documents of a message
	// maxUnread is how many messages one side may write that the other has not read.
	maxUnread = 20
)

// Messages holds the use cases.
type Messages struct {
	Store     port.Store
	World     port.World
	Blobs     port.Blobs
	Documents *documents.Documents
	Notices   *notice.Notices
}

// Thread is the messages about an application as the reader may see them.
type Thread struct {
	Application application.Application
	Messages    []port.Message
	// Names are the authors as the other side sees them, by account: of an official surname and initials, of an
	// applicant's representative the full name.
	Names map[string]string
	Side  port.MessageSide // of the reader
	Open  bool             // the reader may write
}

// reach gives an application about which the actor may read messages, and the actor's side. Everybody else's is
// fault.NotFound, as is a draft.
func reach(ctx context.Context, v port.View, actor access.Actor, number string) (application.Application, port.MessageSide, error) {
	side := port.FromApplicant
	if actor.Role == access.Officer {
		side = port.FromBody
	} else if err := actor.LoggedIn(); err != nil {
		return application.Application{}, side, err
	}
	a, err := v.Applications().Application(ctx, number)
	if err != nil {
		return a, side, err
	}
	if side == port.FromBody {
		err = access.Can(actor, access.View, access.Thing{Body: a.Body, Draft: a.State.Open()})
	} else {
		err = access.May(actor, access.View, a.Party)
	}
	if err == nil && a.State.Open() {
		err = fault.New(fault.NotFound, "fault.not-found")
	}
	return a, side, err
}

// mayWrite demands that the actor may write about an application now: it waits for a decision, and an official has a part in
// that. Otherwise fault.Conflict "message.closed" or fault.Denied "office.no-duty".
func mayWrite(actor access.Actor, a application.Application) error {
	switch {
	case !a.Waits():
		return fault.New(fault.Conflict, "message.closed")
	case actor.Role == access.Officer && !actor.Serves(a.Service, access.Registrar, access.Executor, access.Approver, access.Head):
		return fault.New(fault.Denied, "office.no-duty")
	}
	return nil
}

// Thread gives the messages about an application, and marks those of the other side as read.
func (m *Messages) Thread(ctx context.Context, actor access.Actor, number string) (Thread, error) {
	var t Thread
	err := m.Store.View(ctx, func(v port.View) (err error) {
		if t.Application, t.Side, err = reach(ctx, v, actor, number); err != nil {
			return err
		}
		if t.Messages, err = v.Office().Messages().Thread(ctx, number); err != nil {
			return err
		}
		t.Names, err = names(ctx, v, t.Messages)
		return err
	})
	if err != nil {
		return t, err
	}
	t.Open = mayWrite(actor, t.Application) == nil
	return t, m.read(ctx, actor, t)
}

// read marks what the reader had not seen.
func (m *Messages) read(ctx context.Context, actor access.Actor, t Thread) error {
	var ids []string
	for _, x := range t.Messages {
		if x.Side != t.Side && x.ReadAt.IsZero() {
			ids = append(ids, x.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return m.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Messages().Read(ids, actor.Account, m.World.Now())
		m.audit(tx, actor, "message.read", t.Application.Number, map[string]string{"messages": strconv.Itoa(len(ids)), "last": ids[len(ids)-1]})
		return nil
	})
}

// names are the authors of messages.
func names(ctx context.Context, v port.View, list []port.Message) (map[string]string, error) {
	out := map[string]string{}
	for _, x := range list {
		if out[x.Author] != "" {
			continue
		}
		if x.Side == port.FromApplicant {
			a, err := v.Accounts().Account(ctx, x.Author)
			if err != nil {
				return nil, err
			}
			out[x.Author] = a.PersonName()
			continue
		}
		o, err := v.Office().Officials().Official(ctx, x.Author)
		if err != nil {
			return nil, err
		}
		out[x.Author] = initials(o)
	}
	return out, nil
}

// initials is how an official is named to applicants: surname and initials, as in a letter of the state body.
func initials(o access.Official) string {
	name := o.Surname
	for _, part := range []string{o.GivenName, o.Patronymic} {
		if first, size := utf8.DecodeRuneInString(part); size > 0 {
			name += " " + string(first) + "."
		}
	}
	return strings.TrimSpace(name)
}

// Draft is a message to be sent. Documents are ids of the applicant's personal store.
type Draft struct {
	Text      string
	Documents []string
}

// Write sends a message. Faults: at the field text "message.empty", "message.too-long"; at documents "message.no-document",
// "message.too-many-files"; fault.Conflict "message.closed"; fault.Throttled "message.too-many" while the other side has not
// read the many before; fault.NotFound as everything of another's.
func (m *Messages) Write(ctx context.Context, actor access.Actor, number string, d Draft) error {
	text := strings.TrimSpace(strings.ReplaceAll(d.Text, "\r\n", "\n"))
	return m.Store.Update(ctx, func(tx port.Tx) error {
		a, side, err := reach(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		if err := mayWrite(actor, a); err != nil {
			return err
		}
		var wrong []fault.Field
		switch n := utf8.RuneCountInString(text); {
		case n == 0 && len(d.Documents) == 0:
			wrong = append(wrong, fault.Field{Path: "text", Key: "message.empty"})
		case n > MaxText:
			wrong = append(wrong, fault.Field{Path: "text", Key: "message.too-long", Args: fault.Args{"max": strconv.Itoa(MaxText)}})
		}
		files, problem, err := own(ctx, tx, actor, d.Documents)
		if err != nil {
			return err
		}
		if err := fault.Fields(append(wrong, problem...)); err != nil {
			return err
		}
		return m.add(ctx, tx, a, port.Message{Side: side, Author: actor.Account, Text: text, Files: files})
	})
}

// own gives the documents of the actor's personal store that are sent.
func own(ctx context.Context, v port.View, actor access.Actor, ids []string) ([]port.MessageFile, []fault.Field, error) {
	wrong := func(key string) []fault.Field { return []fault.Field{{Path: "documents", Key: key}} }
	switch {
	case len(ids) == 0:
		return nil, nil, nil
	case len(ids) > MaxFiles:
		return nil, wrong("message.too-many-files"), nil
	case actor.Role != access.Applicant:
		return nil, wrong("message.no-document"), nil
	}
	list, err := v.Documents().ListOf(ctx, actor.Party)
	if err != nil {
		return nil, nil, err
	}
	var files []port.MessageFile
	for _, id := range ids {
		i := slices.IndexFunc(list, func(d port.StoredDocument) bool { return d.ID == id })
		if i < 0 {
			return nil, wrong("message.no-document"), nil
		}
		files = append(files, fileOf(list[i]))
	}
	return files, nil, nil
}

func fileOf(d port.StoredDocument) port.MessageFile {
	return port.MessageFile{Document: d.ID, Name: d.Name, File: d.File, Type: d.Type, Digest: d.Digest, Size: d.Size}
}

// SendFile sends a file from an official's machine, with its name as the text. Faults as of documents.Upload and Write.
func (m *Messages) SendFile(ctx context.Context, actor access.Actor, number string, in documents.Upload) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	var a application.Application
	err := m.Store.View(ctx, func(v port.View) (err error) { // nothing is stored for whom may not write
		a, _, err = reach(ctx, v, actor, number)
		return err
	})
	if err == nil {
		err = mayWrite(actor, a)
	}
	if err != nil {
		return err
	}
	doc, err := m.Documents.UploadTo(ctx, actor, a.Party, in)
	if err != nil {
		return err
	}
	return m.Store.Update(ctx, func(tx port.Tx) error {
		a, side, err := reach(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		if err := mayWrite(actor, a); err != nil {
			return err
		}
		tx.Write().Documents().Add(doc)
		return m.add(ctx, tx, a, port.Message{Side: side, Author: actor.Account, Files: []port.MessageFile{fileOf(doc)}})
	})
}

// add writes the message, and the notice of what an official wrote.
func (m *Messages) add(ctx context.Context, tx port.Tx, a application.Application, x port.Message) error {
	list, err := tx.Office().Messages().Thread(ctx, a.Number)
	if err != nil {
		return err
	}
	unread := 0
	for _, before := range list {
		if before.Side == x.Side && before.ReadAt.IsZero() {
			unread++
		}
	}
	if unread >= maxUnread {
		return fault.New(fault.Throttled, "message.too-many")
	}
	x.ID, x.Application, x.At = m.World.ID(), a.Number, m.World.Now()
	tx.Write().Office().Messages().Add(x)
	actor := access.Actor{Account: x.Author}
	m.audit(tx, actor, "message.sent", a.Number, map[string]string{"message": x.ID, "side": string(x.Side), "files": strconv.Itoa(len(x.Files))})
	if x.Side != port.FromBody {
		return nil
	}
	return m.Notices.Tell(ctx, tx, a.Account, notice.Fact{Cause: x.ID, Kind: notice.KindMessage, Application: a.Number, Args: notice.Of(a)})
}

func (m *Messages) audit(tx port.Tx, actor access.Actor, action, number string, details map[string]string) {
	tx.Write().Records().Audit(audit.Entry{ID: m.World.ID(), Salt: m.World.Random(16), At: m.World.Now(), Actor: actor.Name(),
		Action: action, Object: "application/" + number, Details: details})
}

// Open gives a file of a message to those who may read it; the caller closes the content. i is its place in the message.
func (m *Messages) Open(ctx context.Context, actor access.Actor, number, id string, i int) (port.MessageFile, io.ReadSeekCloser, error) {
	var list []port.Message
	err := m.Store.View(ctx, func(v port.View) (err error) {
		if _, _, err = reach(ctx, v, actor, number); err != nil {
			return err
		}
		list, err = v.Office().Messages().Thread(ctx, number)
		return err
	})
	if err != nil {
		return port.MessageFile{}, nil, err
	}
	at := slices.IndexFunc(list, func(x port.Message) bool { return x.ID == id })
	if at < 0 || i < 0 || i >= len(list[at].Files) {
		return port.MessageFile{}, nil, fault.New(fault.NotFound, "fault.not-found")
	}
	f := list[at].Files[i]
	content, err := m.Blobs.Open(ctx, f.Digest)
	return f, content, err
}

// Standing is how the messages about an application stand for a reader.
type Standing struct {
	All, Unread int  // Unread: of the other side, that nobody of the reader's side has read
	Open        bool // the reader may write
}

// Standing tells how the messages about an application stand; faults as of Thread.
func (m *Messages) Standing(ctx context.Context, actor access.Actor, number string) (s Standing, err error) {
	err = m.Store.View(ctx, func(v port.View) error {
		a, side, err := reach(ctx, v, actor, number)
		if err != nil {
			return err
		}
		list, err := v.Office().Messages().Thread(ctx, number)
		s = Standing{All: len(list), Open: mayWrite(actor, a) == nil}
		for _, x := range list {
			if x.Side != side && x.ReadAt.IsZero() {
				s.Unread++
			}
		}
		return err
	})
	return s, err
}
