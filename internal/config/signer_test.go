package config

import (
	"strings"
	"testing"
)

// The signing page is an origin of its own, or there is none.
func TestSigner(t *testing.T) {
	for _, c := range []struct{ portal, listen, signer, wrong string }{
		{"https://elicense.example", "", "", ""},
		{"https://elicense.example", "127.0.0.1:8083", "https://sign.elicense.example", ""},
		{"https://elicense.example", "127.0.0.1:8083", "https://sign.elicense.example/", ""},
		{"http://127.0.0.1:8080", "127.0.0.1:8083", "", ""},
		{"http://127.0.0.1:8080", ":8083", "", ""},
		{"https://elicense.example", "", "https://sign.elicense.example", "signer-listen"},
		{"https://elicense.example", "8083", "https://sign.elicense.example", "signer-listen"},
		{"https://elicense.example", "127.0.0.1:8080", "https://sign.elicense.example", "signer-listen"},
		{"https://elicense.example", "127.0.0.1:8081", "https://sign.elicense.example", "signer-listen"},
		{"https://elicense.example", "127.0.0.1:8083", "", "signer-origin"},
		{"https://elicense.example", "127.0.0.1:8083", "https://elicense.example", "signer-origin"},
		{"https://elicense.example", "127.0.0.1:8083", "https://elicense.example:8443", "signer-origin"},
		{"https://elicense.example", "127.0.0.1:8083", "http://sign.elicense.example", "signer-origin"},
		{"https://elicense.example", "127.0.0.1:8083", "https://sign.elicense.example/page", "signer-origin"},
		{"http://127.0.0.1:8080", "127.0.0.1:8083", "http://127.0.0.1:8080", "signer-origin"},
	} {
		cfg := Config{
			Listen: "127.0.0.1:8080", OfficeListen: "127.0.0.1:8081", Data: t.TempDir(), Origin: c.portal, Environment: "test", Agent: "wss://127.0.0.1:13579/",
			SignerListen: c.listen, SignerOrigin: c.signer,
		}.Complete()
		err := cfg.Check()
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
