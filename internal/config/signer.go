package config

import (
	"net"
	"net/url"
	"strconv"
)

// checkSigner looks at the listener of the page that signs with a key file. It is worth something only as an origin of its own.
func (c Config) checkSigner(say func(string, ...any)) {
	if c.SignerListen == "" {
		if c.SignerOrigin != "" {
			say("signer-listen: signer-origin is set, so name the address to listen on too")
		}
		return
	}
	_, port, err := net.SplitHostPort(c.SignerListen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		say("signer-listen: %q is no host:port", c.SignerListen)
	}
	if c.SignerListen == c.Listen || c.SignerListen == c.OfficeListen {
		say("signer-listen: the signing page needs an address of its own, %s is a portal's", c.SignerListen)
	}
	signer := checkOrigin("signer-origin", c.SignerOrigin, say)
	portal, err := url.Parse(c.Origin)
	if signer == nil || err != nil {
		return
	}
	switch {
	case signer.Scheme != portal.Scheme:
		say("signer-origin: %s and the portal's origin are both https, or both http on this machine", c.SignerOrigin)
	case c.SignerOrigin == c.Origin:
		say("signer-origin: it has to differ from the portal's origin")
	case signer.Scheme == "https" && signer.Hostname() == portal.Hostname():
		say("signer-origin: a host of its own, not another port of %s: browsers send cookies to all ports of a host", portal.Hostname())
	}
}
