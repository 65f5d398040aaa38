package account

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// The faults of a password that is refused.
const (
	KeyPasswordShort  = "password.short"  // fewer than 8 characters
	KeyPasswordLong   = "password.long"   // more than 128
	KeyPasswordCommon = "password.common" // a word, a name, a pattern, or one's own number
)

// The lengths of a password in characters (OWASP ASVS 5.0, 6.2.1 and 6.2.9).
const (
	minPassword = 8
	maxPassword = 128
)

// commonWords is our own list: names, words, keys in a row, and what belongs to this portal and this country.
//
//go:embed common.txt
var commonWords string

// policy refuses passwords that are guessed first.
type policy struct{ common map[string]bool }

func newPolicy() *policy {
	p := &policy{common: map[string]bool{}}
	for word := range strings.FieldsSeq(commonWords) {
		p.common[lang.Fold(word)] = true
	}
	return p
}

// check gives the password as it is hashed (NFC, so that й typed on one machine equals й typed on another) or the key of
// what is wrong with it. own are the person's number, e-mail and telephone. Nothing is cut off; spaces are characters.
func (p *policy) check(password string, own ...string) (nfc, key string) {
	if !utf8.ValidString(password) || len(password) > 4*4*maxPassword {
		return "", KeyPasswordLong
	}
	nfc = norm.NFC.String(password)
	switch n := utf8.RuneCountInString(nfc); {
	case n < minPassword:
		return "", KeyPasswordShort
	case n > maxPassword:
		return "", KeyPasswordLong
	case p.guessable(nfc, own):
		return "", KeyPasswordCommon
	}
	return nfc, ""
}

// guessable tells a common word with the usual decoration, a pattern, a date, a number of a person, or one's own data.
func (p *policy) guessable(password string, own []string) bool {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, password)
	if pattern([]rune(plain)) || telling(plain) {
		return true
	}
	for _, o := range own {
		if containsOwn(plain, strings.ToLower(o)) {
			return true
		}
	}
	bare := strings.TrimFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) })
	candidates := []string{plain, bare, unleet(plain), unleet(bare), strings.TrimFunc(unleet(plain), func(r rune) bool { return !unicode.IsLetter(r) })}
	return slices.ContainsFunc(candidates, p.listed)
}

// listed looks a word up, also where it was typed in the other keyboard layout or twice.
func (p *policy) listed(word string) bool {
	for _, v := range lang.Variants(word) {
		runes := []rune(v)
		half := string(runes[:len(runes)/2])
		if p.common[v] || (len(runes)%2 == 0 && half == string(runes[len(runes)/2:]) && p.common[half]) {
			return true
		}
	}
	return false
}

// unleet reads the signs that stand for letters.
func unleet(s string) string {
	return strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t").Replace(s)
}

// containsOwn tells whether the password is little more than a thing everybody knows of the person.
func containsOwn(password, own string) bool {
	if local, _, ok := strings.Cut(own, "@"); ok {
		return containsOwn(password, local)
	}
	own = strings.TrimPrefix(strings.TrimPrefix(own, "+"), "7")
	return utf8.RuneCountInString(own) >= 4 && strings.Contains(password, own) &&
		utf8.RuneCountInString(password)-utf8.RuneCountInString(own) < 6
}

// pattern tells a repeated piece of up to four characters, or neighbours that all rise or fall by one.
func pattern(r []rune) bool {
	for period := 1; period <= 4 && period*2 <= len(r); period++ {
		same := true
		for i := period; i < len(r) && same; i++ {
			same = r[i] == r[i-period]
		}
		if same {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(r); i++ {
		up = up && (r[i] == r[i-1]+1 || (r[i-1] == '9' && r[i] == '0'))
		down = down && (r[i] == r[i-1]-1 || (r[i-1] == '0' && r[i] == '9'))
	}
	return up || down
}

// telling tells digits that are a date of the last hundred years or a number of a person or an organisation.
func telling(s string) bool {
	d := strings.Map(func(r rune) rune {
		if strings.ContainsRune("./-", r) {
			return -1
		}
		return r
	}, s)
	if strings.Trim(d, "0123456789") != "" {
		return false
	}
	if len(d) == 8 {
		for _, iso := range []string{d[:4] + "-" + d[4:6] + "-" + d[6:], d[4:] + "-" + d[2:4] + "-" + d[:2], d[4:] + "-" + d[:2] + "-" + d[2:4]} {
			if day, err := civil.ParseDate(iso); err == nil && day.Year >= 1920 && day.Year <= 2040 {
				return true
			}
		}
	}
	_, iin := ident.ParseIIN(d)
	_, bin := ident.ParseBIN(d)
	return iin == nil || bin == nil
}

// Hash says how much work a guess costs. The zero value is the profile of design: argon2id with 19 MiB, two passes, one
// lane (OWASP's second choice), two at once.
type Hash struct {
	MemoryKiB   uint32
	Iterations  uint32
	Parallelism uint8
	AtOnce      int           // hashes computed at the same time; each takes the memory
	Wait        time.Duration // how long a request waits for its turn; 3 s by default
}

// hasher hashes and compares passwords, a bounded number at once.
type hasher struct {
	params *argon2id.Params
	turns  chan struct{}
	wait   time.Duration
	dummy  string // the hash of a password that nobody knows
	// compare is argon2id's, except where a test counts how often it is asked.
	compare func(password, hash string) (bool, error)
}

func newHasher(h Hash) (*hasher, error) {
	params := &argon2id.Params{Memory: or(h.MemoryKiB, 19*1024), Iterations: or(h.Iterations, 2), Parallelism: or(h.Parallelism, 1), SaltLength: 16, KeyLength: 32}
	dummy, err := argon2id.CreateHash("nobody", params)
	if err != nil {
		return nil, err
	}
	return &hasher{params: params, turns: make(chan struct{}, or(h.AtOnce, 2)), wait: or(h.Wait, 3*time.Second), dummy: dummy,
		compare: argon2id.ComparePasswordAndHash}, nil
}

// turn waits for a place; the returned function gives it back.
func (h *hasher) turn(ctx context.Context) (func(), error) {
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-timer.C:
		return nil, fault.New(fault.Throttled, KeyBusy)
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, KeyBusy).Because(ctx.Err())
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return argon2id.CreateHash(password, h.params)
}

// matches tells for each hash whether the password is right. It works through at least so many hashes, filling up with
// one that nobody's password has, so that time does not tell how many there are.
func (h *hasher) matches(ctx context.Context, password string, hashes []string, atLeast int) ([]bool, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	out := make([]bool, len(hashes))
	for i := range max(len(hashes), atLeast) {
		if i >= len(hashes) {
			if _, err := h.compare(password, h.dummy); err != nil {
				return nil, err
			}
			continue
		}
		if out[i], err = h.compare(password, hashes[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// weak tells a hash that was made with less work than is asked now.
func (h *hasher) weak(hash string) bool {
	p, _, _, err := argon2id.DecodeHash(hash)
	return err == nil && (p.Memory < h.params.Memory || p.Iterations < h.params.Iterations || p.Parallelism < h.params.Parallelism)
}
