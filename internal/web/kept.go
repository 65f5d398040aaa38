package web

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"elicense/internal/fault"
	"elicense/internal/web/page"
)

// Bounds of what is kept of forms that came after their session had ended. Sizes are in bytes of names and values.
const (
	KeptFor     = time.Hour
	keptForm    = 128 << 10 // one form; a page of the wizard with every field full is a quarter of it
	keptAddress = 1 << 20   // all forms that came from one address: offices share one
	keptTotal   = 8 << 20   // all forms
	keptCost    = 512       // what an entry costs beside its text
)

// kept is a form that was sent after its session had ended.
type kept struct {
	holder  string // names the browser: the random value of a cookie that is for this only
	path    string // of the page, without the language
	account string // whose form it was: nobody else is given it
	address string
	values  url.Values
	size    int
	at      time.Time
}

// keeper keeps such forms in memory only: what a person typed and did not save is written nowhere. Another process does
// not know them, and a restart loses them; then the person is as badly off as without the keeper.
type keeper struct {
	mu  sync.Mutex
	all []kept // oldest first
}

// put keeps a form, in the place of an earlier one of the same page. Where there is no room the oldest give way: first
// those of the same address, so that one address cannot crowd out another's before all room is taken.
func (k *keeper) put(f kept) bool {
	f.size = keptCost + len(f.path) + len(f.account) + len(f.address)
	for name, values := range f.values {
		f.size += len(name)
		for _, v := range values {
			f.size += len(v)
		}
	}
	if f.size > keptForm {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = slices.DeleteFunc(k.all, func(o kept) bool { return o.holder == f.holder && o.path == f.path })
	k.shrink(keptAddress-f.size, func(o kept) bool { return o.address == f.address })
	k.shrink(keptTotal-f.size, func(kept) bool { return true })
	k.all = append(k.all, f)
	return true
}

// shrink drops the oldest of some forms until the rest of them fits.
func (k *keeper) shrink(most int, which func(kept) bool) {
	size := 0
	for _, o := range k.all {
		if which(o) {
			size += o.size
		}
	}
	k.all = slices.DeleteFunc(k.all, func(o kept) bool {
		if size <= most || !which(o) {
			return false
		}
		size -= o.size
		return true
	})
}

// take gives a form out, once.
func (k *keeper) take(holder, path, account string) (url.Values, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.all, func(o kept) bool { return o.holder == holder && o.path == path && o.account == account })
	if i < 0 {
		return nil, false
	}
	values := k.all[i].values
	k.all = slices.Delete(k.all, i, i+1)
	return values, true
}

// holds tells whether anything is kept for a browser.
func (k *keeper) holds(holder string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.all, func(o kept) bool { return o.holder == holder })
}

// forget drops what is kept for a browser.
func (k *keeper) forget(holder string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = slices.DeleteFunc(k.all, func(o kept) bool { return o.holder == holder })
}

// expire drops what is over. Every request asks for it, so that nothing stays longer than it may.
func (k *keeper) expire(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	over := 0
	for over < len(k.all) && now.Sub(k.all[over].at) >= KeptFor {
		over++
	}
	k.all = slices.Delete(k.all, 0, over)
}

// keepForm keeps a form that came when nobody was logged in any more. Only a form that this server itself gave to an
// account is kept, which its token proves: neither another site nor a stranger can have anything kept.
func (s *Server) keepForm(w http.ResponseWriter, r *Request) {
	r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
	if wantsData(r) || !plainForm(r) || r.ParseForm() != nil {
		return
	}
	if account, ok := s.openToken(r.PostForm.Get(page.NameCSRF)); ok && account != "" {
		s.keep(w, r, account)
	}
}

// keep keeps a form of an account and remembers where the reader goes on. Passwords and signatures are never kept.
func (s *Server) keep(w http.ResponseWriter, r *Request, account string) {
	values := url.Values{}
	for name, list := range r.PostForm {
		if !slices.Contains([]string{page.NameCSRF, page.NameCMS, "password", "current"}, name) {
			values[name] = list
		}
	}
	holder := s.holder(r)
	if holder == "" {
		holder = hex.EncodeToString(s.Random(16))
	}
	f := kept{holder: holder, path: r.unlocalised(), account: account, address: s.Remote(r.Request), values: values, at: s.Now()}
	if !s.forms.put(f) {
		return
	}
	r.back = r.URL.RequestURI()
	http.SetCookie(w, &http.Cookie{
		Name: s.holderCookie(), Value: holder, Path: "/", MaxAge: int(KeptFor.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: s.Sessions.Cookie.Secure,
	})
}

// holderCookie is the name of the cookie that binds kept forms to a browser. It is not the session: that one ends sooner
// than a form that is kept.
func (s *Server) holderCookie() string { return s.Sessions.Cookie.Name + "_kept" }

// holder is the value of that cookie; empty for a browser that has nothing kept.
func (s *Server) holder(r *Request) string {
	c, err := r.Cookie(s.holderCookie())
	if err != nil || len(c.Value) != 32 {
		return ""
	}
	return c.Value
}

// outdated looks at a form whose token is not the session's. A form that a page of this account had before the session
// was renewed (in another tab, by a changed password) is kept and shown again with a good token. A form that was sent
// twice, whose first sending logged the person in, leads to its own page, which leads on.
func (s *Server) outdated(w http.ResponseWriter, r *Request, route Route) {
	if wantsData(r) {
		return
	}
	token := r.PostForm.Get(page.NameCSRF)
	if token == "" && !plainForm(r) {
		token = r.URL.Query().Get(page.NameCSRF)
	}
	account, ok := s.openToken(token)
	switch {
	case !ok:
	case route.Keep && account != "" && account == r.Who.Account && plainForm(r):
		s.keep(w, r, account)
	case route.Entrance && account == "":
		q := url.Values{"again": {"1"}}
		if next := r.PostForm.Get("next"); next != "" {
			q.Set("next", next)
		} else if next := r.URL.Query().Get("next"); next != "" {
			q.Set("next", next)
		}
		r.back = r.URL.EscapedPath() + "?" + q.Encode()
	}
}

func plainForm(r *Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// unlocalised is the path without the language: the reader may change it in between.
func (r *Request) unlocalised() string {
	return strings.TrimPrefix(r.URL.Path, "/"+string(r.Lang))
}

// Kept gives the form that was sent to this page's address after its session had ended, once, to the account whose form
// it was, in the browser that sent it. It was not stored: it is for showing, and counts when it is sent again.
func (r *Request) Kept() (url.Values, bool) {
	holder := r.server.holder(r)
	if holder == "" || r.Who.Account == "" || r.Method != http.MethodGet {
		return nil, false
	}
	return r.server.forms.take(holder, r.unlocalised(), r.Who.Account)
}

// Keeping tells whether a form of this browser waits for its person to log in.
func (r *Request) Keeping() bool {
	holder := r.server.holder(r)
	return holder != "" && r.server.forms.holds(holder)
}

// newToken makes a session's token against forged requests. It is random, and only this process can read out of it for
// whom it was made: the account, or "" for a visitor who was not logged in.
func (s *Server) newToken(account string) string {
	if s.sealer == nil {
		return hex.EncodeToString(s.Random(16))
	}
	nonce := s.Random(s.sealer.NonceSize())
	return hex.EncodeToString(s.sealer.Seal(nonce, nonce, []byte(account), nil))
}

// openToken tells for whom a token was made; ok is false for one that this process did not make.
func (s *Server) openToken(token string) (account string, ok bool) {
	sealed, err := hex.DecodeString(token)
	if err != nil || s.sealer == nil || len(sealed) < s.sealer.NonceSize() {
		return "", false
	}
	n := s.sealer.NonceSize()
	plain, err := s.sealer.Open(nil, sealed[:n], sealed[n:], nil)
	return string(plain), err == nil
}

// newSealer makes the key of the tokens, which lives as long as the process.
func newSealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fault.New(fault.Internal, "fault.internal").Because(err)
	}
	return cipher.NewGCM(block)
}
