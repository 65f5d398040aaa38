package web

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func form(holder, path, account, address string, size int, at time.Time) kept {
	return kept{holder: holder, path: path, account: account, address: address, values: url.Values{"a": {strings.Repeat("x", size)}}, at: at}
}

func TestKeeperGivesOnceToItsOwner(t *testing.T) {
	var k keeper
	now := time.Unix(0, 0)
	k.put(form("browser", "/page", "alpha", "::1", 1, now))
	k.put(form("browser", "/page", "alpha", "::1", 2, now)) // sent twice: the later one counts
	for _, wrong := range [][3]string{{"other", "/page", "alpha"}, {"browser", "/other", "alpha"}, {"browser", "/page", "beta"}} {
		if _, ok := k.take(wrong[0], wrong[1], wrong[2]); ok {
			t.Errorf("given to %v", wrong)
		}
	}
	values, ok := k.take("browser", "/page", "alpha")
	if !ok || values.Get("a") != "xx" {
		t.Fatalf("%v %v", values, ok)
	}
	if _, ok := k.take("browser", "/page", "alpha"); ok || k.holds("browser") {
		t.Error("given twice")
	}
	k.put(form("browser", "/page", "alpha", "::1", 1, now))
	k.expire(now.Add(KeptFor - 1))
	if !k.holds("browser") {
		t.Error("gone before its time")
	}
	k.expire(now.Add(KeptFor))
	if k.holds("browser") {
		t.Error("kept for longer than an hour")
	}
	k.put(form("browser", "/page", "alpha", "::1", 1, now))
	k.forget("browser")
	if k.holds("browser") {
		t.Error("kept after the log-out")
	}
	if k.put(form("browser", "/page", "alpha", "::1", keptForm, now)) {
		t.Error("a form over the limit is kept")
	}
}

// One address cannot crowd out another while there is room.
func TestKeeperIsFair(t *testing.T) {
	var k keeper
	now := time.Unix(0, 0)
	k.put(form("victim", "/page", "alpha", "10.0.0.1", 100, now))
	for i := range 100 {
		k.put(form("flood", "/"+strconv.Itoa(i), "beta", "10.0.0.2", keptForm-2000, now))
	}
	if !k.holds("victim") {
		t.Error("one address pushed another's form out")
	}
}

func TestKeeperNeverGrowsOverItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var k keeper
		now := time.Unix(0, 0)
		for i := range rapid.IntRange(1, 300).Draw(t, "forms") {
			now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "pause")) * time.Second)
			k.expire(now)
			address := "10.0.0." + strconv.Itoa(rapid.IntRange(1, 12).Draw(t, "address"))
			f := form("b"+strconv.Itoa(i), "/", "alpha", address, rapid.IntRange(0, keptForm).Draw(t, "size"), now)
			if k.put(f) != k.holds(f.holder) {
				t.Fatal("what was taken is not held")
			}
			total, of := 0, map[string]int{}
			for _, o := range k.all {
				total += o.size
				of[o.address] += o.size
				if now.Sub(o.at) >= KeptFor {
					t.Fatal("older than an hour")
				}
			}
			if total > keptTotal || of[address] > keptAddress {
				t.Fatalf("%d bytes, %d of one address", total, of[address])
			}
		}
	})
}

func TestTokensTellForWhomTheyWereMade(t *testing.T) {
	n := byte(0)
	random := func(size int) []byte { n++; return []byte(strings.Repeat(string(rune('a'+n)), size)) }
	s, other := &Server{Random: random}, &Server{Random: random}
	for _, server := range []*Server{s, other} {
		var err error
		if server.sealer, err = newSealer(random(32)); err != nil {
			t.Fatal(err)
		}
	}
	for _, account := range []string{"", "alpha"} {
		token := s.newToken(account)
		if got, ok := s.openToken(token); !ok || got != account {
			t.Errorf("%q: %q %v", account, got, ok)
		}
		if _, ok := other.openToken(token); ok {
			t.Error("another process reads it")
		}
		if strings.Contains(token, account) && account != "" {
			t.Error("the token shows the account")
		}
		changed := "0" + token[1:]
		if changed == token {
			changed = "1" + token[1:]
		}
		if _, ok := s.openToken(changed); ok {
			t.Error("a changed token is read")
		}
	}
}

func FuzzOpenToken(f *testing.F) {
	s := &Server{Random: func(n int) []byte { return make([]byte, n) }}
	var err error
	if s.sealer, err = newSealer(make([]byte, 32)); err != nil {
		f.Fatal(err)
	}
	good := s.newToken("alpha")
	f.Add(good)
	f.Add("")
	f.Add("00")
	f.Fuzz(func(t *testing.T, token string) {
		if account, ok := s.openToken(token); ok && (account != "alpha" || !strings.EqualFold(token, good)) {
			t.Errorf("%q is read as the token of %q", token, account)
		}
	})
}
