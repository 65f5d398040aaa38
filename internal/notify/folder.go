package notify

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// Folder puts letters into a folder instead of sending them: a file each, under the id of the notice, so that one sent twice is
// there once. It is for demonstrations and for looking at an installation before it has providers.
type Folder struct {
	Path string
	From string // as SMTP.From
	SMS  bool   // text messages (.txt), else mail (.eml)
	Now  func() time.Time
}

// Send implements port.Sender.
func (f Folder) Send(_ context.Context, l port.Letter) (string, error) {
	const name = "folder"
	if !regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`).MatchString(l.ID) {
		return name, fault.New(fault.Invalid, keyRefused)
	}
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return name, fault.New(fault.Unavailable, keySilent).Because(err)
	}
	if f.SMS {
		text := l.To + "\n" + l.Text + "\n"
		if err := os.WriteFile(filepath.Join(f.Path, l.ID+".txt"), []byte(text), 0o600); err != nil {
			return name, fault.New(fault.Unavailable, keySilent).Because(err)
		}
		return name, nil
	}
	msg, err := Message(f.From, l, f.Now())
	if err != nil {
		return name, err
	}
	if err := msg.WriteToFile(filepath.Join(f.Path, l.ID+".eml")); err != nil {
		return name, fault.New(fault.Unavailable, keySilent).Because(err)
	}
	return name, nil
}
