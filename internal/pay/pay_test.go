package pay

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/money"
)

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	secret = bytes.Repeat([]byte("s"), 32)
	older  = bytes.Repeat([]byte("o"), 32)
	config = Config{Page: "https://pay.example/order", Merchant: "elicense", Secrets: [][]byte{secret, older}, Origin: "https://elicense.example"}
)

func gateway(t testing.TB) *Gateway {
	t.Helper()
	g, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func notice() charge.Notice {
	return charge.Notice{ID: "n-1", Invoice: "i-1", Outcome: charge.Settled, Amount: 43_250 * money.Tenge, Currency: "KZT", Receipt: "R-77", At: noon}
}

func TestOrderRoundTrip(t *testing.T) {
	g := gateway(t)
	i := charge.Invoice{ID: "i-1", Amount: 4325050, Purpose: "issue"}
	back := "https://elicense.example/kk/applications/KZ19RFB00000009?step=4&a=ә"
	address, err := g.Address(i, lang.KK, back)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := g.Address(i, lang.KK, back); again != address {
		t.Fatal("the address changes")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host != "pay.example" || u.Path != "/order" {
		t.Fatal(address, err)
	}
	o, err := ReadOrder(u.Query(), secret)
	if want := (Order{"elicense", "i-1", 4325050, "issue", lang.KK, back}); err != nil || o != want {
		t.Fatalf("%+v, %v", o, err)
	}
	for name := range u.Query() {
		changed := u.Query()
		changed.Set(name, changed.Get(name)+"0")
		if _, err := ReadOrder(changed, secret); !fault.Is(err, KeyForged) {
			t.Errorf("%s changed: %v", name, err)
		}
		doubled := u.Query()
		doubled.Add(name, doubled.Get(name))
		if _, err := ReadOrder(doubled, secret); !fault.Is(err, KeyForged) {
			t.Errorf("%s doubled: %v", name, err)
		}
	}
	if _, err := ReadOrder(u.Query(), older); !fault.Is(err, KeyForged) {
		t.Error(err)
	}
	for _, back := range []string{"https://elicense.example.evil.kz/", "https://evil.kz/?https://elicense.example/", "//evil.kz", "javascript:0", ""} {
		if _, err := g.Address(i, lang.KK, back); !fault.Is(err, "payment.back") {
			t.Errorf("sent back to %q", back)
		}
	}
}

func TestNoticeRoundTrip(t *testing.T) {
	g := gateway(t)
	body, err := Encode(notice())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range [][]byte{secret, older} {
		if n, err := g.Notice(body, Sign(s, "notice", body), noon); err != nil || n != notice() {
			t.Fatalf("%+v, %v", n, err)
		}
	}
	for name, signature := range map[string]string{
		"none": "", "other secret": Sign(bytes.Repeat([]byte("x"), 32), "notice", body), "of an order": Sign(secret, "order", body),
		"upper case": strings.ToUpper(Sign(secret, "notice", body)), "cut": Sign(secret, "notice", body)[:40],
	} {
		if _, err := g.Notice(body, signature, noon); !fault.Is(err, KeyForged) || fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := Sign(secret, "notice", body)
	for i := range body { // the signature binds every byte
		forged := bytes.Clone(body)
		forged[i] ^= 1
		if _, err := g.Notice(forged, good, noon); !fault.Is(err, KeyForged) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for after, ok := range map[time.Duration]bool{-9 * time.Minute: true, -11 * time.Minute: false, 3 * 24 * time.Hour: true, 30 * 24 * time.Hour: true, 31 * 24 * time.Hour: false} {
		if _, err := g.Notice(body, good, noon.Add(after)); (err == nil) != ok || (!ok && !fault.Is(err, KeyStale)) {
			t.Errorf("after %s: %v", after, err)
		}
	}
}

func TestSignedButMalformed(t *testing.T) {
	g := gateway(t)
	body, _ := Encode(notice())
	text := string(body)
	for name, other := range map[string]string{
		"not JSON": "paid", "twice": text + text, "unknown field": strings.Replace(text, `"id"`, `"x":1,"id"`, 1), "other schema": strings.Replace(text, "payment/1", "payment/2", 1),
		"outcome": strings.Replace(text, `"paid"`, `"refunded"`, 1), "negative": strings.Replace(text, "4325000", "-4325000", 1), "fraction": strings.Replace(text, "4325000", "43250.5", 1),
		"too much": strings.Replace(text, "4325000", "99999999999999999999", 1), "no id": strings.Replace(text, "n-1", "", 1), "no receipt": strings.Replace(text, "R-77", "", 1),
		"receipt": strings.Replace(text, "R-77", "<b>", 1), "time": strings.Replace(text, "2026-11", "2026-13", 1), "currency": strings.Replace(text, "KZT", "TENGE", 1), "empty": "",
	} {
		if other == text {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := g.Notice([]byte(other), Sign(secret, "notice", []byte(other)), noon); !fault.Is(err, KeyMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := make([]byte, MaxNotice+1)
	if _, err := g.Notice(long, Sign(secret, "notice", long), noon); fault.KindOf(err) != fault.TooLarge {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"http": func(c *Config) { c.Page = "http://pay.example/" }, "no page": func(c *Config) { c.Page = "" }, "query": func(c *Config) { c.Page += "?a=b" },
		"user": func(c *Config) { c.Page = "https://a:b@pay.example/" }, "no secret": func(c *Config) { c.Secrets = nil }, "merchant": func(c *Config) { c.Merchant = "" },
		"short secret": func(c *Config) { c.Secrets = [][]byte{secret, secret[:31]} }, "origin": func(c *Config) { c.Origin = "" },
	} {
		c := config
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
	c := config
	c.Page = "http://127.0.0.1:8081/order"
	if _, err := New(c); err != nil {
		t.Error(err)
	}
}

// Whatever was signed is read as a complete notice or refused.
func FuzzNotice(f *testing.F) {
	g := gateway(f)
	body, _ := Encode(notice())
	f.Add(body)
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := g.Notice(body, Sign(secret, "notice", body), noon)
		if err != nil {
			return
		}
		again, err := Encode(n)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := g.Notice(again, Sign(secret, "notice", again), noon); err != nil || m.ID != n.ID || m.Amount != n.Amount {
			t.Fatalf("%s: %+v, %v", body, m, err)
		}
	})
}
