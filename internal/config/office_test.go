package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOfficeSettings(t *testing.T) {
	for name, change := range map[string]func(c *Config){
		"a third way":  func(c *Config) { c.OfficeFactor = "off" },
		"long idle":    func(c *Config) { c.OfficeIdle = 31 },
		"short idle":   func(c *Config) { c.OfficeIdle = 1 },
		"a day":        func(c *Config) { c.OfficeAbsolute = 24 },
		"no time ever": func(c *Config) { c.OfficeAbsolute = -1 },
	} {
		c := good(t)
		change(&c)
		if c.Complete().Check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if c := (Config{}).Complete(); c.OfficeFactor != FactorRequired || c.OfficeIdle != 20 || c.OfficeAbsolute != 10 {
		t.Errorf("unset: %+v", c)
	}
}

func TestFactorKeys(t *testing.T) {
	one, other := strings.Repeat("ab", 32), strings.Repeat("01", 32)
	for text, want := range map[string]int{one + "\n": 1, one + "\n" + other + "\n": 2, "": -1, "ab\n": -1, strings.Repeat("x", 64): -1, one + one: -1} {
		path := filepath.Join(t.TempDir(), "factor.key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		keys, err := Config{FactorKey: path}.FactorKeys()
		if (err != nil) != (want < 0) || err == nil && len(keys) != want || err != nil && (!strings.HasPrefix(err.Error(), "factor-key: ") || text != "" && strings.Contains(err.Error(), strings.TrimSpace(text))) {
			t.Errorf("%.10q: %d keys, %v", text, len(keys), err)
		}
	}
	if keys, err := (Config{}).FactorKeys(); keys != nil || err != nil {
		t.Errorf("none: %v %v", keys, err)
	}
	c := good(t)
	c.FactorKey = filepath.Join(c.Data, "none")
	if err := c.Check(); err == nil || !strings.Contains(err.Error(), "factor-key") {
		t.Errorf("a file that is not there: %v", err)
	}
}
