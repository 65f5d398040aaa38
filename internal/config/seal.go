package config

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"elicense/internal/cms"
)

// None, as the value of seal, says that documents are issued without a seal.
const None = "none"

// passwordVariable may hold the password of the seal's key. It is no setting: a password on a command line or in the
// configuration file would be seen by others.
const passwordVariable = "ELICENSE_SEAL_PASSWORD" //nolint:gosec // the name of a variable, no password

// Sealed tells whether documents are to be sealed.
func (c Config) Sealed() bool { return c.Seal != "" && c.Seal != None }

// SealIdentity reads the key and the certificate that documents are sealed with. The error begins with the setting that
// is wrong and never holds anything of what was read.
func (c Config) SealIdentity() (cms.Identity, error) {
	var files [][]byte
	main, err := readSmall("seal", c.Seal, cms.MaxIdentity)
	if err != nil {
		return cms.Identity{}, err
	}
	files = append(files, main)
	if c.SealKey != "" {
		key, err := readSmall("seal-key", c.SealKey, cms.MaxIdentity)
		if err != nil {
			return cms.Identity{}, err
		}
		files = append(files, key)
	}
	password, err := c.sealPassword()
	if err != nil {
		return cms.Identity{}, err
	}
	id, err := cms.ParseIdentity(password, files...)
	switch {
	case err == nil && c.Environment == "production" && cms.IsDemo(id.Certificate):
		return cms.Identity{}, errors.New("seal: the certificate is one of the demonstration, which has no force in production")
	case err == nil && !readable(id):
		return cms.Identity{}, errors.New("seal: the key is not RSA; the programs that people read PDF with verify nothing else that certification authorities here issue")
	case err == nil:
		return id, nil
	case errors.Is(err, cms.ErrNoKey) && c.SealKey == "":
		return id, fmt.Errorf("seal: %s holds no private key: name its file as seal-key", c.Seal)
	case errors.Is(err, cms.ErrNoPassword):
		return id, fmt.Errorf("seal-password-file: %w; name the file, or set %s", err, passwordVariable)
	case errors.Is(err, cms.ErrPassword) && password == "":
		return id, fmt.Errorf("seal-password-file: %s may need a password and none is given: name the file, or set %s", c.Seal, passwordVariable)
	case errors.Is(err, cms.ErrPassword) && c.SealPassword != "":
		return id, fmt.Errorf("seal-password-file: %w", err)
	}
	return id, fmt.Errorf("seal: %w", err)
}

// readable tells whether readers of PDF can verify what the key signs.
func readable(id cms.Identity) bool {
	_, ok := id.Key.Public().(*rsa.PublicKey)
	return ok
}

func (c Config) sealPassword() (string, error) {
	password, set := os.LookupEnv(passwordVariable)
	switch {
	case set && c.SealPassword != "":
		return "", fmt.Errorf("seal-password-file: the password is in %s too; keep one of the two", passwordVariable)
	case set:
		return password, nil
	case c.SealPassword == "":
		return "", nil
	}
	b, err := readSmall("seal-password-file", c.SealPassword, 4<<10)
	text := strings.TrimRight(string(b), "\r\n")
	if err == nil && text == "" {
		err = fmt.Errorf("seal-password-file: %s is empty", c.SealPassword)
	}
	if err == nil && strings.ContainsAny(text, "\r\n") {
		err = fmt.Errorf("seal-password-file: %s has more than one line", c.SealPassword)
	}
	return text, err
}

func (c Config) checkSeal(say func(string, ...any)) {
	if !c.Sealed() {
		for key, value := range map[string]string{"seal-key": c.SealKey, "seal-password-file": c.SealPassword} {
			if value != "" {
				say("%s: has no use without seal", key)
			}
		}
		return
	}
	if _, err := c.SealIdentity(); err != nil {
		say("%v", err)
	}
}

// RegistersToken reads the token that the registers ask for.
func (c Config) RegistersToken() (string, error) {
	b, err := readSmall("registers-token-file", c.RegistersKey, 16<<10)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(b))
	if len(token) < 16 || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("registers-token-file: one word of at least 16 visible ASCII characters")
	}
	return token, nil
}

// The bounds of registers-timeout: a person waits for the answer.
const (
	minTimeout = 100 * time.Millisecond
	maxTimeout = 10 * time.Second
)

func (c Config) checkRegisters(say func(string, ...any)) {
	if (c.RegistersURL == "") != (c.RegistersKey == "") {
		say("registers-url and registers-token-file belong together")
	}
	if c.RegistersURL == "" {
		return
	}
	u, err := url.Parse(c.RegistersURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname())) {
		say("registers-url: an address that begins with https:// (or http:// on this machine), without user, query and fragment")
	}
	if c.RegistersTimeout != 0 && (c.RegistersTimeout < minTimeout || c.RegistersTimeout > maxTimeout) {
		say("registers-timeout: from %v to %v, not %v", minTimeout, maxTimeout, c.RegistersTimeout)
	}
	if c.RegistersKey != "" {
		if _, err := c.RegistersToken(); err != nil {
			say("%v", err)
		}
	}
}

// readSmall reads a file that a setting names.
func readSmall(key, path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %s cannot be read: %w", key, path, errors.Unwrap(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %s is no file", key, path)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s: %s is larger than %d bytes", key, path, limit)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %s cannot be read: %w", key, path, errors.Unwrap(err))
	}
	return b, nil
}
