// Package documents is the personal store: files that a party uploads once and attaches to its applications. What comes
// in is taken for what its bytes say, not for what its name says, and only where both agree.
//
// Looking at a file does not make it safe: it is always given out as a download, from an origin of its own.
package documents

import (
	"bufio"
	"context"
	"io"
	"strings"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// Limits.
const (
	MaxSize int64 = 30 << 20 // bytes of one document (manual of the trade licence, section 3.2)
	Quota   int64 = 2 << 30  // bytes of all documents that a party keeps
	MaxName       = 200      // characters of a name
)

// The faults of this package. Those of a file stand at the field file as well.
const (
	KeyTooLarge   = "file.too-large"
	KeyEmpty      = "file.empty"
	KeyType       = "file.type"          // not a kind that is accepted
	KeyMismatch   = "file.type-mismatch" // the name says one kind, the content another
	KeyUnreadable = "file.unreadable"    // damaged, encrypted, or not built as its kind should be
	KeySuspicious = "file.suspicious"    // two kinds in one file, or sizes that no honest file has
	KeyActive     = "file.active"        // holds macros or scripts
	KeyQuota      = "file.quota"
	KeyNameLong   = "field.too-long" // at the field name, with max
)

// Documents holds the use cases. It is safe for use by many goroutines.
type Documents struct {
	store   port.Store
	world   port.World
	blobs   port.Blobs
	witness port.Witness
}

// New makes the use cases; witness notes which attached documents officials read.
func New(store port.Store, world port.World, blobs port.Blobs, witness port.Witness) *Documents {
	return &Documents{store, world, blobs, witness}
}

// Upload is a file on its way in.
type Upload struct {
	Name    string // what the person calls it; empty = the file's name without its ending
	File    string // the file's name as the browser gives it
	Content io.Reader
}

// Upload stores a file in the actor's personal store. The content is streamed: neither its size nor a crafted file takes
// more than a few megabytes of memory. A file that is refused after it was read stays behind without a row, for the
// collection of files that nothing refers to.
//
// Faults: fault.TooLarge KeyTooLarge and KeyQuota; fault.Invalid KeyEmpty, KeyType, KeyMismatch, KeyUnreadable, KeySuspicious,
// KeyActive at the field file, KeyNameLong at the field name; fault.Unavailable "file.interrupted".
func (d *Documents) Upload(ctx context.Context, actor access.Actor, in Upload) (port.StoredDocument, error) {
	if err := actor.LoggedIn(); err != nil {
		return port.StoredDocument{}, err
	}
	doc, err := d.take(ctx, actor.Party, in)
	if err != nil {
		return port.StoredDocument{}, err
	}
	return doc, d.add(ctx, actor, doc)
}

// UploadTo takes a file that an official sends to a party, with the checks and faults of Upload. It is not in the party's
// personal store: the caller writes the row (port.DocumentWrites.Add) together with what sends it.
func (d *Documents) UploadTo(ctx context.Context, actor access.Actor, owner string, in Upload) (port.StoredDocument, error) {
	if err := actor.AtWork(); err != nil {
		return port.StoredDocument{}, err
	}
	doc, err := d.take(ctx, owner, in)
	doc.DeletedAt = doc.CreatedAt
	return doc, err
}

// take stores and inspects the content; the row is the caller's.
func (d *Documents) take(ctx context.Context, owner string, in Upload) (port.StoredDocument, error) {
	file := CleanName(in.File)
	name := strings.TrimSpace(visible(in.Name))
	if utf8.RuneCountInString(name) > MaxName {
		return port.StoredDocument{}, &fault.Fault{Kind: fault.Invalid, Key: "fault.fields", Fields: []fault.Field{{Path: "name", Key: KeyNameLong, Args: fault.Args{"max": "200"}}}}
	}
	if name == "" {
		name = stem(file)
	}
	content := bufio.NewReaderSize(in.Content, headSize)
	head, err := content.Peek(headSize)
	if err != nil && err != io.EOF && len(head) == 0 {
		return port.StoredDocument{}, interrupted(err)
	}
	kind, err := guess(head, file)
	if err != nil {
		return port.StoredDocument{}, err
	}
	if err := d.store.View(ctx, func(v port.View) error { return room(ctx, v, owner, int64(len(head))) }); err != nil {
		return port.StoredDocument{}, err
	}
	digest, size, err := d.blobs.Put(ctx, content, MaxSize)
	if err != nil {
		return port.StoredDocument{}, err
	}
	if err := d.inspect(ctx, kind, digest, size); err != nil {
		return port.StoredDocument{}, err
	}
	return port.StoredDocument{ID: d.world.ID(), Party: owner, Name: name, File: file, Type: kind.media, Digest: digest, Size: size, CreatedAt: d.world.Now()}, nil
}

// interrupted keeps a fault of the edge (a body over its limit) and names everything else a broken connection.
func interrupted(err error) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	return fault.New(fault.Unavailable, "file.interrupted").Because(err)
}

// add writes the row, where the quota still allows it.
func (d *Documents) add(ctx context.Context, actor access.Actor, doc port.StoredDocument) error {
	return d.store.Update(ctx, func(tx port.Tx) error {
		if err := room(ctx, tx, doc.Party, doc.Size); err != nil {
			return err
		}
		tx.Write().Documents().Add(doc)
		tx.Write().Records().Audit(d.entry(actor, "document.stored", doc))
		return nil
	})
}

// room tells whether so many bytes more fit into the party's quota.
func room(ctx context.Context, v port.View, party string, more int64) error {
	list, err := v.Documents().ListOf(ctx, party)
	if err != nil {
		return err
	}
	for _, doc := range list {
		more += doc.Size
	}
	if more > Quota {
		return refuse(fault.TooLarge, KeyQuota)
	}
	return nil
}

// inspect looks at the stored bytes as a whole.
func (d *Documents) inspect(ctx context.Context, k kind, digest string, size int64) error {
	content, err := d.blobs.Open(ctx, digest)
	if err != nil {
		return err
	}
	err = k.check(&at{content}, size)
	if closed := content.Close(); err == nil {
		err = closed
	}
	return err
}

// List gives the documents of the actor's party, newest first.
func (d *Documents) List(ctx context.Context, actor access.Actor) ([]port.StoredDocument, error) {
	if err := actor.LoggedIn(); err != nil {
		return nil, err
	}
	var list []port.StoredDocument
	err := d.store.View(ctx, func(v port.View) (err error) {
		list, err = v.Documents().ListOf(ctx, actor.Party)
		return err
	})
	return list, err
}

// Open gives a document of one's own personal store; the caller closes the content. A deleted one is fault.NotFound.
func (d *Documents) Open(ctx context.Context, actor access.Actor, id string) (port.StoredDocument, io.ReadSeekCloser, error) {
	var doc port.StoredDocument
	err := d.store.View(ctx, func(v port.View) (err error) {
		doc, err = owned(ctx, v, actor, access.View, id)
		return err
	})
	if err != nil {
		return port.StoredDocument{}, nil, err
	}
	content, err := d.blobs.Open(ctx, doc.Digest)
	return doc, content, err
}

// owned loads a document that the actor may see and that is not deleted.
func owned(ctx context.Context, v port.View, actor access.Actor, action access.Action, id string) (port.StoredDocument, error) {
	if err := actor.LoggedIn(); err != nil {
		return port.StoredDocument{}, err
	}
	doc, err := v.Documents().Document(ctx, id)
	if err != nil {
		return doc, err
	}
	if err := access.May(actor, action, doc.Party); err != nil {
		return doc, err
	}
	if !doc.DeletedAt.IsZero() {
		return doc, fault.New(fault.NotFound, "fault.not-found")
	}
	return doc, nil
}

// OpenAttached gives the document attached to a row of one's own application, or of one that has reached the official's
// body or on which that body is asked for its opinion, named as it was when it was attached; it stays readable when it is
// deleted from the personal store. key is the row's key, or application.ReplacedKey of one that a correction replaced.
func (d *Documents) OpenAttached(ctx context.Context, actor access.Actor, number, key string) (port.StoredDocument, io.ReadSeekCloser, error) {
	var doc port.StoredDocument
	err := d.store.View(ctx, func(v port.View) (err error) {
		doc, err = attached(ctx, v, actor, number, key)
		return err
	})
	if err != nil {
		return port.StoredDocument{}, nil, err
	}
	if actor.Role == access.Officer {
		if err := d.witness.Saw(ctx, actor, port.Sight{Action: "document.seen", Object: "application/" + number, Details: map[string]string{"document": key}}); err != nil {
			return port.StoredDocument{}, nil, err
		}
	}
	content, err := d.blobs.Open(ctx, doc.Digest)
	return doc, content, err
}

func attached(ctx context.Context, v port.View, actor access.Actor, number, key string) (port.StoredDocument, error) {
	a, err := v.Applications().Application(ctx, number)
	if err != nil {
		return port.StoredDocument{}, err
	}
	if actor.Role == access.Officer {
		if err = access.Can(actor, access.View, access.Thing{Body: a.Body}); err == nil && a.State.Open() {
			err = fault.New(fault.NotFound, "fault.not-found")
		} else if err != nil {
			_, err = a.OpinionFor(actor)
		}
	} else {
		err = access.May(actor, access.View, a.Party)
	}
	if err != nil {
		return port.StoredDocument{}, err
	}
	rows := a.Attached
	if old, ok := a.Replaced(key); ok {
		old.Key = key
		rows = append(rows, old)
	}
	for _, row := range rows {
		if row.Key != key {
			continue
		}
		doc, err := v.Documents().Document(ctx, row.Document)
		doc.Name, doc.File, doc.Digest, doc.Size = row.Name, row.File, row.Digest, row.Size
		return doc, err
	}
	return port.StoredDocument{}, fault.New(fault.NotFound, "fault.not-found")
}

// Delete takes a document out of the personal store. Applications to which it is attached keep it.
func (d *Documents) Delete(ctx context.Context, actor access.Actor, id string) error {
	return d.store.Update(ctx, func(tx port.Tx) error {
		doc, err := owned(ctx, tx, actor, access.Change, id)
		if err != nil {
			return err
		}
		tx.Write().Documents().Delete(id, d.world.Now())
		tx.Write().Records().Audit(d.entry(actor, "document.deleted", doc))
		return nil
	})
}

func (d *Documents) entry(actor access.Actor, action string, doc port.StoredDocument) audit.Entry {
	return audit.Entry{
		ID: d.world.ID(), Salt: d.world.Random(16), At: d.world.Now(), Actor: actor.Name(), Action: action, Object: "document/" + doc.ID,
		Details: map[string]string{"digest": doc.Digest, "type": doc.Type},
	}
}

// refuse is the fault of a file, at its field too.
func refuse(k fault.Kind, key string) *fault.Fault {
	return &fault.Fault{Kind: k, Key: key, Fields: []fault.Field{{Path: "file", Key: key}}}
}
