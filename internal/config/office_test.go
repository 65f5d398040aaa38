package config

import "testing"

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
