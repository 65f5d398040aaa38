package app

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

type edsCertCommand struct {
	File string `arg:"" help:"Certificate (DER, PEM, base64), or CMS whose signer's certificate is meant."`
}

// described is what eds cert prints.
type described struct {
	Subject     string    `json:"subject"`
	Issuer      string    `json:"issuer"`
	Serial      string    `json:"serial"` // hex
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
	Algorithm   string    `json:"algorithm"` // of the key; empty where it is none that is accepted
	KeyReason   string    `json:"key_reason,omitempty"`
	Authority   bool      `json:"authority"`
	KeyUsage    []string  `json:"key_usage"`
	Purposes    []string  `json:"purposes"` // object identifiers of the extended key usage
	SubjectKey  string    `json:"subject_key_id,omitempty"`
	IssuerKey   string    `json:"authority_key_id,omitempty"`
	SHA256      string    `json:"sha256"`
	Demo        bool      `json:"demo"`
	Signer      *holder   `json:"signer"` // null where it is no person's signing certificate
	NotAPersons string    `json:"signer_reason,omitempty"`
}

// Run prints what a certificate says. It says nothing of trust: eds chain does.
func (c edsCertCommand) Run(r *run) error {
	certificate, err := certificateIn(c.File)
	if f, ok := fault.As(err); ok {
		r.print(map[string]string{"reason": f.Key}, "NOT A CERTIFICATE: "+f.Key)
		return errWrong
	}
	if err != nil {
		return err
	}
	d := describe(certificate)
	if r.json {
		printJSON(r, d)
		return nil
	}
	d.write(r)
	return nil
}

func describe(c *x509.Certificate) described {
	key := cms.NewIssuer(c)
	d := described{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Serial: fmt.Sprintf("%x", c.SerialNumber), NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		Algorithm: key.Algorithm(), Authority: c.IsCA, KeyUsage: usages(c.KeyUsage), Purposes: purposes(c), SubjectKey: hex.EncodeToString(c.SubjectKeyId),
		IssuerKey: hex.EncodeToString(c.AuthorityKeyId), SHA256: cms.Fingerprint(c.Raw), Demo: cms.IsDemo(c), Signer: holderOf(c),
	}
	if f, ok := fault.As(key.Reason()); ok {
		d.KeyReason = f.Key
	}
	if _, err := cms.SubjectOf(c); err != nil {
		if f, ok := fault.As(err); ok {
			d.NotAPersons = f.Key
		}
	}
	return d
}

// usages names the bits of a key usage (RFC 5280, 4.2.1.3).
func usages(u x509.KeyUsage) []string {
	names := []string{"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"}
	out := []string{}
	for rest := uint(u); rest != 0; rest &= rest - 1 {
		if i := bits.TrailingZeros(rest); i < len(names) {
			out = append(out, names[i])
		}
	}
	return out
}

// purposes are the object identifiers of the extended key usage.
func purposes(c *x509.Certificate) []string {
	out := []string{}
	for _, p := range c.ExtKeyUsage {
		out = append(out, p.OID().String())
	}
	for _, id := range c.UnknownExtKeyUsage {
		out = append(out, id.String())
	}
	return out
}

func (d described) write(r *run) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(r.out, "%-18s %s\n", name, value)
		}
	}
	line("subject", d.Subject)
	line("issuer", d.Issuer)
	line("serial number", d.Serial)
	line("valid", d.NotBefore.Format(time.RFC3339)+" to "+d.NotAfter.Format(time.RFC3339))
	line("key", d.Algorithm+d.KeyReason)
	if d.Authority {
		line("authority", "yes")
	}
	line("key usage", strings.Join(d.KeyUsage, ", "))
	line("purposes", strings.Join(d.Purposes, ", "))
	line("key identifier", d.SubjectKey)
	line("issuer's key", d.IssuerKey)
	line("SHA-256", d.SHA256)
	if d.Demo {
		line("DEMO", "of the demonstration authority, without legal force")
	}
	if d.Signer == nil {
		line("signer", "no person's signing certificate: "+d.NotAPersons)
		return
	}
	roles := make([]string, len(d.Signer.Roles))
	for i, role := range d.Signer.Roles {
		roles[i] = string(role)
	}
	line("signer", d.Signer.Name)
	line("IIN", d.Signer.IIN)
	line("BIN", d.Signer.BIN)
	line("organisation", d.Signer.Organisation)
	line("roles", strings.Join(roles, ", "))
}
