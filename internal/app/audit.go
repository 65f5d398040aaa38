package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"elicense/internal/audit"
	"elicense/internal/config"
	"elicense/internal/evidence"
	"elicense/internal/port"
)

// openEvidence assembles the log of the audit.
func (a *App) openEvidence(ctx context.Context) error {
	key, err := auditKey(ctx, a.Config, a.Store)
	if err != nil {
		return err
	}
	a.Witness = &evidence.Witness{Store: a.Store, World: a.World}
	a.Evidence = &evidence.Evidence{Store: a.Store, World: a.World, Key: key, Witness: a.Witness}
	if folder := a.Config.AuditCheckpoints; folder != "" {
		a.Evidence.Outside = CheckpointFile(filepath.Join(folder, "checkpoints.txt"))
	}
	return nil
}

// auditKey reads the key that signs checkpoints. Where none is configured it lies in the data folder and is made by the first
// start; once something was signed no other key is made.
func auditKey(ctx context.Context, cfg config.Config, store port.Store) (audit.Key, error) {
	key, err := readAuditKey(cfg)
	if !errors.Is(err, fs.ErrNotExist) || cfg.AuditKey != "" {
		return key, err
	}
	signed := false
	err = store.View(ctx, func(v port.View) (err error) {
		_, signed, err = v.Office().Trail().Last(ctx)
		return err
	})
	if err != nil {
		return audit.Key{}, err
	}
	if signed {
		return audit.Key{}, fmt.Errorf("%s is missing, the key that signed the audit's checkpoints: bring it back or copy it from another node", cfg.AuditKeyFile())
	}
	if err := makeAuditKey(cfg); err != nil {
		return audit.Key{}, err
	}
	return readAuditKey(cfg)
}

func readAuditKey(cfg config.Config) (audit.Key, error) {
	text, err := readLimited(cfg.AuditKeyFile(), 64<<10)
	if err != nil {
		return audit.Key{}, err
	}
	return audit.ReadKey(string(text))
}

// makeAuditKey makes the key's file; one that exists stays. The name of the key is the portal's.
func makeAuditKey(cfg config.Config) error {
	name := "elicense"
	if u, err := url.Parse(cfg.Origin); err == nil && u.Host != "" {
		name = u.Host + "/audit"
	}
	text, err := audit.NewKey(rand.Reader, name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(cfg.AuditKeyFile(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// publicAuditKeys are the keys that judge the log: those named, or those of the installation's file. Neither is no fault before
// the first start.
func publicAuditKeys(cfg config.Config, named []string) (audit.PublicKeys, error) {
	if len(named) > 0 {
		return audit.ReadPublicKeys(named...)
	}
	key, err := readAuditKey(cfg)
	if errors.Is(err, fs.ErrNotExist) && cfg.AuditKey == "" {
		return audit.PublicKeys{}, nil
	}
	return key.Public, err
}

// CheckpointFile keeps signed checkpoints in a file, one after the other. It implements evidence.Outside.
type CheckpointFile string

// tail is enough for the last checkpoint and a torn one.
const tail = 8 << 10

// read gives the last whole checkpoint, and the bytes behind it: the beginning of one whose writing was cut off.
func (c CheckpointFile) read() (last audit.Checkpoint, torn []byte, err error) {
	f, err := os.Open(string(c))
	if errors.Is(err, fs.ErrNotExist) {
		return last, nil, nil
	}
	if err != nil {
		return last, nil, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return last, nil, err
	}
	from := max(0, info.Size()-tail)
	b, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil {
		return last, nil, err
	}
	whole, torn := wholeNotes(b)
	if len(whole) == 0 {
		if from > 0 {
			err = fmt.Errorf("%s ends in something that is no checkpoint", string(c))
		}
		return last, torn, err
	}
	last, err = audit.PublicKeys{}.Open(whole[len(whole)-1])
	return last, torn, err
}

// wholeNotes takes the end of a file apart; a note is whole when the empty line behind it is there.
func wholeNotes(b []byte) (whole [][]byte, torn []byte) {
	const sep = "\n\n"
	end := 0
	for rest := b; ; {
		i := bytes.Index(rest, []byte("\n— "))
		if i < 0 {
			break
		}
		j := bytes.Index(rest[i+1:], []byte(sep))
		if j < 0 {
			break
		}
		end += i + 1 + j + len(sep)
		rest = b[end:]
	}
	return audit.Notes(b[:end]), b[end:]
}

// Last implements evidence.Outside.
func (c CheckpointFile) Last() (int64, error) {
	last, _, err := c.read()
	return last.Number, err
}

// Add implements evidence.Outside. One whose writing was cut off is finished.
func (c CheckpointFile) Add(signed []byte) error {
	_, torn, err := c.read()
	if err != nil {
		return err
	}
	entry := append(bytes.Clone(signed), '\n')
	if !bytes.HasPrefix(entry, torn) {
		return fmt.Errorf("%s ends in something that is no checkpoint", string(c))
	}
	f, err := os.OpenFile(string(c), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(entry[len(torn):])
	return errors.Join(err, f.Sync(), f.Close())
}
