package config

import (
	"net/url"

	"elicense/internal/cms"
)

// StampAuthorities gives the configured time-stamping authorities one by one.
func (c Config) StampAuthorities() []string { return parts(c.TSA) }

// StampPolicies gives the policies of time stamps that serve; none means the usual ones.
func (c Config) StampPolicies() []string { return parts(c.TSAPolicies) }

// checkStamps looks at the settings of time stamps. Plain http serves: a stamp is signed.
func (c Config) checkStamps(say func(string, ...any)) {
	for i, address := range c.StampAuthorities() {
		if u, err := url.Parse(address); err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
			// It may hold a password and is not repeated here.
			say("tsa: address %d does not begin with http:// or https://, or holds more than an address", i+1)
		}
	}
	for _, policy := range c.StampPolicies() {
		if !cms.IsObjectIdentifier(policy) {
			say("tsa-policies: an object identifier such as 1.2.398.3.3.2.6.4, not %q", policy)
		}
	}
}
