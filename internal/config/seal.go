package config

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
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

// sealFile says where the key and the certificate of a seal are.
type sealFile struct {
	setting, main string
	key           string // PEM, where it is apart
	password      string // file; "" = none
	passwordAs    string // what the file of the password is called in errors
	variable      bool   // the password may be in passwordVariable
}

func (c Config) sealFile() sealFile {
	return sealFile{setting: "seal", main: c.Seal, key: c.SealKey, password: c.SealPassword, passwordAs: "seal-password-file", variable: true}
}

// SealIdentity reads the key and the certificate that documents are sealed with. The error begins with the setting that
// is wrong and never holds anything of what was read.
func (c Config) SealIdentity() (cms.Identity, error) { return c.identity(c.sealFile()) }

// BodySeals reads the seals that state bodies have of their own, by the key of the body: the files KEY.p12 or KEY.pem of the
// folder, with KEY.password where they need one.
func (c Config) BodySeals() (map[string]cms.Identity, error) {
	if c.BodySealsFolder == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(c.BodySealsFolder)
	if err != nil {
		return nil, fmt.Errorf("body-seals: %s cannot be read: %w", c.BodySealsFolder, errors.Unwrap(err))
	}
	seals := map[string]cms.Identity{}
	for _, e := range entries {
		body, kind := strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), filepath.Ext(e.Name())
		path := filepath.Join(c.BodySealsFolder, e.Name())
		switch kind {
		case ".p12", ".pem":
		case ".password":
			continue
		default:
			return nil, fmt.Errorf("body-seals: %s is none of KEY.p12, KEY.pem and KEY.password", path)
		}
		if _, twice := seals[body]; twice {
			return nil, fmt.Errorf("body-seals: %s has two seals", body)
		}
		f := sealFile{setting: "body-seals: " + body, main: path, passwordAs: "body-seals: " + body}
		if password := strings.TrimSuffix(path, kind) + ".password"; exists(password) {
			f.password = password
		}
		if seals[body], err = c.identity(f); err != nil {
			return nil, err
		}
	}
	return seals, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (c Config) identity(f sealFile) (cms.Identity, error) {
	var files [][]byte
	main, err := readSmall(f.setting, f.main, cms.MaxIdentity)
	if err != nil {
		return cms.Identity{}, err
	}
	files = append(files, main)
	if f.key != "" {
		key, err := readSmall(f.setting+"-key", f.key, cms.MaxIdentity)
		if err != nil {
			return cms.Identity{}, err
		}
		files = append(files, key)
	}
	password, err := f.readPassword()
	if err != nil {
		return cms.Identity{}, err
	}
	id, err := cms.ParseIdentity(password, files...)
	switch {
	case err == nil && c.Environment == "production" && cms.IsDemo(id.Certificate):
		return cms.Identity{}, fmt.Errorf("%s: the certificate is one of the demonstration, which has no force in production", f.setting)
	case err == nil && !readable(id):
		return cms.Identity{}, fmt.Errorf("%s: the key is not RSA; the programs that people read PDF with verify nothing else that certification authorities here issue", f.setting)
	case err == nil:
		return id, nil
	case errors.Is(err, cms.ErrNoKey) && f.variable && f.key == "":
		return id, fmt.Errorf("seal: %s holds no private key: name its file as seal-key", f.main)
	case errors.Is(err, cms.ErrNoPassword) && f.variable:
		return id, fmt.Errorf("%s: %w; name the file, or set %s", f.passwordAs, err, passwordVariable)
	case errors.Is(err, cms.ErrPassword) && password == "" && f.variable:
		return id, fmt.Errorf("%s: %s may need a password and none is given: name the file, or set %s", f.passwordAs, f.main, passwordVariable)
	case errors.Is(err, cms.ErrPassword) && f.password != "":
		return id, fmt.Errorf("%s: %w", f.passwordAs, err)
	}
	return id, fmt.Errorf("%s: %w", f.setting, err)
}

// readable tells whether readers of PDF can verify what the key signs.
func readable(id cms.Identity) bool {
	_, ok := id.Key.Public().(*rsa.PublicKey)
	return ok
}

func (f sealFile) readPassword() (string, error) {
	password, set := os.LookupEnv(passwordVariable)
	switch {
	case !f.variable:
	case set && f.password != "":
		return "", fmt.Errorf("%s: the password is in %s too; keep one of the two", f.passwordAs, passwordVariable)
	case set:
		return password, nil
	}
	if f.password == "" {
		return "", nil
	}
	b, err := readSmall(f.passwordAs, f.password, 4<<10)
	text := strings.TrimRight(string(b), "\r\n")
	if err == nil && text == "" {
		err = fmt.Errorf("%s: %s is empty", f.passwordAs, f.password)
	}
	if err == nil && strings.ContainsAny(text, "\r\n") {
		err = fmt.Errorf("%s: %s has more than one line", f.passwordAs, f.password)
	}
	return text, err
}

func (c Config) checkSeal(say func(string, ...any)) {
	if !c.Sealed() {
		for key, value := range map[string]string{"seal-key": c.SealKey, "seal-password-file": c.SealPassword, "body-seals": c.BodySealsFolder} {
			if value != "" {
				say("%s: has no use without seal", key)
			}
		}
		return
	}
	if _, err := c.SealIdentity(); err != nil {
		say("%v", err)
	}
	if _, err := c.BodySeals(); err != nil {
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
