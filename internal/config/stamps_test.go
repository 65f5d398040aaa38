package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Settings of time stamps that are wrong are named by their key, without repeating what may hold a password.
func TestStampSettings(t *testing.T) {
	for key, values := range map[string][]string{
		"tsa: ":          {"tsp.example", "ftp://tsp.example/", "http://", "https://user:secret@tsp.example/", "http://tsp.example/#x", "http://tsp.example/, tsp.example"},
		"tsa-policies: ": {"1", "1.2.x", "policy", "1.2.398.", "3.1", "1.40", "1.2.398.3.3.2.6.4;1.2.3"},
	} {
		for _, value := range values {
			c := good(t)
			if key == "tsa: " {
				c.TSA = value
			} else {
				c.TSAPolicies = value
			}
			var m Mistakes
			if err := c.Check(); !errors.As(err, &m) || len(m) != 1 || !strings.HasPrefix(m[0], key) || strings.Contains(m[0], "secret") {
				t.Errorf("%s%q: %v", key, value, err)
			}
		}
	}
	c := good(t)
	c.TSA, c.TSAPolicies = "http://tsp.example/ , https://second.example/tsp", "1.2.398.3.3.2.6.2, 1.2.398.3.3.2.6.4"
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	if !slices.Equal(c.StampAuthorities(), []string{"http://tsp.example/", "https://second.example/tsp"}) || len(c.StampPolicies()) != 2 {
		t.Errorf("%q %q", c.StampAuthorities(), c.StampPolicies())
	}
}
