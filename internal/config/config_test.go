package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// good is a configuration for production with which nothing is wrong, in a folder with the files that it names.
func good(t *testing.T) Config {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"anchors", "authorities", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	key, certificate := sealFiles(t)
	for name, text := range map[string]string{"list.crl": "x", "secret": strings.Repeat("s", 32), "short": "s", "spaces": strings.Repeat(" ", 40),
		"seal.pem": certificate + key, "seal.crt": certificate, "seal.key": key, "password": "a password\n", "token": strings.Repeat("t", 20) + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Config{
		Listen: "127.0.0.1:8080", OfficeListen: "127.0.0.1:8081", Data: filepath.Join(dir, "data"), Database: "postgres://elicense@db/elicense", Origin: "https://elicense.example",
		Environment: "production", Agent: "wss://127.0.0.1:13579/", Anchors: filepath.Join(dir, "anchors"), Authorities: filepath.Join(dir, "authorities"),
		Lists: "https://crl.example/a.crl, " + filepath.Join(dir, "list.crl"), GatewayURL: "https://pay.example/pay", GatewayKey: filepath.Join(dir, "secret"),
		Seal: filepath.Join(dir, "seal.crt"), SealKey: filepath.Join(dir, "seal.key"), SealPassword: filepath.Join(dir, "password"),
		EgovMobile: "https://m.egov.kz/mobileSign/?isi=1476128386&ibi=kz.egov.mobile&apn=kz.mobile.mgov", EgovBusiness: "https://m.egov.kz/businessSign/",
		OperatorKK: "Үлгі", OperatorRU: "Образец", OperatorEN: "Sample", OperatorBIN: "210340701016",
		RegistersURL: "https://registers.example/v1", RegistersKey: filepath.Join(dir, "token"), RegistersTimeout: 3 * time.Second,
		OfficeOrigin: "https://office.elicense.example", OfficeSignatures: SignaturesRequired, OfficeFactor: FactorRequired, OfficeIdle: 20, OfficeAbsolute: 10,
	}
}

func TestGood(t *testing.T) {
	for name, change := range map[string]func(c *Config){
		"as it is":            func(*Config) {},
		"no telephones":       func(c *Config) { c.EgovMobile, c.EgovBusiness, c.OperatorKK, c.OperatorBIN = "", "", "", "" },
		"citizens only":       func(c *Config) { c.EgovBusiness = "" },
		"a telephone here":    func(c *Config) { c.EgovMobile = "http://127.0.0.1:8082/phone" },
		"no gateway":          func(c *Config) { c.GatewayURL, c.GatewayKey = "", "" },
		"sqlite":              func(c *Config) { c.Database = "" },
		"loopback":            func(c *Config) { c.Origin, c.Agent = "http://127.0.0.1:8080", "ws://127.0.0.1:13580/" },
		"origin from listen":  func(c *Config) { c.Origin = "" },
		"every address":       func(c *Config) { c.Listen = ":8080" },
		"IPv6":                func(c *Config) { c.Listen, c.Origin = "[::1]:8080", "http://[::1]:8080" },
		"data to be made":     func(c *Config) { c.Data = filepath.Join(c.Data, "new") },
		"not sealed, as said": func(c *Config) { c.Seal, c.SealKey, c.SealPassword = None, "", "" },
		"seal in one file":    func(c *Config) { c.Seal, c.SealKey, c.SealPassword = strings.TrimSuffix(c.Seal, "crt")+"pem", "", "" },
		"unsealed test":       func(c *Config) { c.Environment, c.Seal, c.SealKey, c.SealPassword = "test", "", "", "" },
		"no registers":        func(c *Config) { c.RegistersURL, c.RegistersKey, c.RegistersTimeout = "", "", 0 },
		"registers here":      func(c *Config) { c.RegistersURL = "http://127.0.0.1:8082/registers" },
		"ocsp":                func(c *Config) { c.OCSP = "http://ocsp.example/, https://other.example:8443/ocsp" },
		"ocsp alone":          func(c *Config) { c.OCSP, c.Lists = "http://ocsp.example/", "" },
		"no ocsp":             func(c *Config) { c.OCSP = " , " },
		"test without trust":  func(c *Config) { c.Environment, c.Anchors, c.Authorities, c.Lists = "test", "", "", "" },
	} {
		c := good(t)
		change(&c)
		if err := c.Complete().Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// set gives the way to a setting by its key.
func set(key string) func(c *Config, value string) {
	return map[string]func(c *Config, value string){
		"listen": func(c *Config, v string) { c.Listen = v }, "office-listen": func(c *Config, v string) { c.OfficeListen = v },
		"office-origin": func(c *Config, v string) { c.OfficeOrigin = v }, "office-signatures": func(c *Config, v string) { c.OfficeSignatures = v }, "data": func(c *Config, v string) { c.Data = v },
		"database": func(c *Config, v string) { c.Database = v }, "origin": func(c *Config, v string) { c.Origin = v }, "environment": func(c *Config, v string) { c.Environment = v },
		"agent": func(c *Config, v string) { c.Agent = v }, "anchors": func(c *Config, v string) { c.Anchors = v }, "authorities": func(c *Config, v string) { c.Authorities = v },
		"revocation-lists": func(c *Config, v string) { c.Lists = v }, "ocsp": func(c *Config, v string) { c.OCSP = v }, "gateway-url": func(c *Config, v string) { c.GatewayURL = v }, "gateway-secret-file": func(c *Config, v string) { c.GatewayKey = v },
		"seal": func(c *Config, v string) { c.Seal = v }, "seal-key": func(c *Config, v string) { c.SealKey = v }, "seal-password-file": func(c *Config, v string) { c.SealPassword = v }, "body-seals": func(c *Config, v string) { c.BodySealsFolder = v },
		"registers-url": func(c *Config, v string) { c.RegistersURL = v }, "registers-token-file": func(c *Config, v string) { c.RegistersKey = v },
		"egov-mobile": func(c *Config, v string) { c.EgovMobile = v }, "egov-business": func(c *Config, v string) { c.EgovBusiness = v }, "operator-bin": func(c *Config, v string) { c.OperatorBIN = v },
		"operator-name-kk": func(c *Config, v string) { c.OperatorKK = v }, "operator-name-ru": func(c *Config, v string) { c.OperatorRU = v }, "operator-name-en": func(c *Config, v string) { c.OperatorEN = v },
		"registers-timeout": func(c *Config, v string) { c.RegistersTimeout, _ = time.ParseDuration(v) },
	}[key]
}

// Every bad configuration is refused by the key that is wrong, and by no other.
func TestBad(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	file := filepath.Join(dir, "file")
	empty, lines, demo := filepath.Join(dir, "empty"), filepath.Join(dir, "lines"), filepath.Join(dir, "demo.pem")
	otherKey, otherCertificate := newSeal(t, false)
	demoKey, demoCertificate := newSeal(t, true)
	for name, text := range map[string]string{file: "x", empty: "\n", lines: strings.Repeat("a line of its own\n", 2), demo: demoCertificate + demoKey,
		filepath.Join(dir, "other.pem"): otherCertificate, filepath.Join(dir, "other.key"): otherKey} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bad := map[string][]string{
		"listen":               {"", "8080", "localhost", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:-1", "127.0.0.1:65536", "::1:8080:", "127.0.0.1:80:80"},
		"office-listen":        {"", "x", "127.0.0.1:8080", "127.0.0.1:99999999999"},
		"office-origin":        {"", "office.example", "https://office.example/kk"},
		"office-signatures":    {"Required", "no"},
		"data":                 {"", file},
		"database":             {"mysql://db/x", "elicense.db", "sqlite:", "postgres:/x:y:z%", "http://db", "POSTGRESQL"},
		"origin":               {"elicense.example", "ftp://elicense.example", "http://elicense.example", "https://", "https://elicense.example/portal", "https://elicense.example?x=1", "https://elicense.example#x", "https://user@elicense.example", "https://Elicense.Example", "http://10.0.0.1:8080", "https://:443"},
		"environment":          {"", "prod", "Production", "staging"},
		"agent":                {"", "https://127.0.0.1:13579/", "wss://", "127.0.0.1:13579", "ws://elicense.example:13579/"},
		"anchors":              {"", missing, file},
		"authorities":          {missing, file},
		"revocation-lists":     {"", " , ", missing, dir, "ftp://crl.example/a.crl", "https://", "https://crl.example/a.crl," + missing},
		"ocsp":                 {"ocsp.example", "ftp://ocsp.example/", "http://", "http://user@ocsp.example/", "http://ocsp.example/?x=1", "http://ocsp.example/#x", "http://ocsp.example/,ocsp.example", "https://:443"},
		"gateway-url":          {"", "pay.example", "http://pay.example/pay", "https://pay.example/pay?x=1", "https://user@pay.example/", "https://"},
		"gateway-secret-file":  {"", missing, dir, file},
		"seal":                 {"", "None", missing, dir, file, filepath.Join(dir, "other.pem"), demo},
		"seal-key":             {missing, dir, file, filepath.Join(dir, "other.key")},
		"seal-password-file":   {missing, dir, empty, lines},
		"body-seals":           {missing, file, dir},
		"registers-url":        {"", "registers.example", "http://registers.example/", "https://user@registers.example/", "https://registers.example/?x=1", "https://registers.example/#x", "https://", "ftp://registers.example"},
		"registers-token-file": {"", missing, dir, file, lines},
		"registers-timeout":    {"1ms", "11s", "-1s"},
		"egov-mobile":          {"m.egov.kz", "http://m.egov.kz/mobileSign/", "mobileSign:", "https://user@m.egov.kz/", "https://m.egov.kz/?link=https://elicense.example", "https://m.egov.kz/#x"},
		"egov-business":        {"m.egov.kz", "http://m.egov.kz/businessSign/", "https://m.egov.kz/businessSign/?link=x"},
		"operator-name-kk":     {""},
		"operator-name-ru":     {""},
		"operator-name-en":     {""},
		"operator-bin":         {"", "210340701017", "21034070101", "x"},
	}
	tried := 0
	for key, values := range bad {
		for _, value := range values {
			c := good(t)
			if key == "origin" || key == "database" { // Complete would fill in an empty one
				c = c.Complete()
			}
			set(key)(&c, value)
			tried++
			var m Mistakes
			if err := c.Check(); !errors.As(err, &m) {
				t.Errorf("%s %q: %v", key, value, err)
				continue
			}
			for _, line := range m {
				if !strings.HasPrefix(line, key) && !(strings.HasPrefix(line, "gateway-url and ") && value == "") && !(strings.HasPrefix(line, "registers-url and ") && value == "") &&
					!(key == "seal-key" && strings.HasPrefix(line, "seal: ")) && !(key == "seal" && strings.HasPrefix(line, "seal-")) && !(key == "listen" && value == "") {
					t.Errorf("%s %q: said %q", key, value, line)
				}
			}
		}
	}
	if tried < 70 {
		t.Errorf("only %d bad configurations", tried)
	}
}

// All mistakes are said at once, and no secret with them.
func TestAllAtOnce(t *testing.T) {
	c := good(t)
	c.Listen, c.Agent, c.Environment, c.Database = "x", "y", "z", "postgrs://elicense:hunter2@db/x"
	err := c.Check()
	var m Mistakes
	if !errors.As(err, &m) || len(m) != 4 {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the password is in the message")
	}
}

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "elicense.yaml")
	for text, want := range map[string]string{
		"listen: 127.0.0.1:80\nlisen: x\n":       "2:1",
		"behind-proxy: perhaps\n":                "1:15",
		"registers-timeout: soon\n":              "registers-timeout: write",
		"registers-timeout: 3\n":                 "1:20",
		"listen: [1, 2]\n":                       "1:9",
		"listen: 'x\n":                           "elicense.yaml",
		"listen: a\nlisten: b\n":                 "2:1",
		"- a\n- b\n":                             "1:1",
		"office-listen: 127.0.0.1:81\nListen: x": "2:1",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if values, err := Read(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v %v", text, values, err)
		}
	}
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:80\nbehind-proxy: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if values, err := Read(file); err != nil || values["listen"] != "127.0.0.1:80" || values["behind-proxy"] != true {
		t.Errorf("%v %v", values, err)
	}
	if _, err := Read(file + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("127.0.0.1:1", "https://a.example", "wss://b/", "postgres://c/d", "http://e/f.crl")
	f.Fuzz(func(t *testing.T, listen, origin, agent, database, lists string) {
		c := Config{Listen: listen, OfficeListen: "127.0.0.1:2", Data: "data", Origin: origin, Agent: agent, Database: database, Lists: lists, Environment: "test"}.Complete()
		_ = c.Check() // never panics
		if c.Secure() && strings.HasPrefix(c.Origin, "http://") {
			t.Error("secure without https")
		}
	})
}
