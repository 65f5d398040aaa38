package app

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/eds"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// trustFlags say whom a command about signatures trusts, and at which time.
type trustFlags struct {
	Trust  string `name:"trust" help:"Folder of certificates (DER, PEM, base64) and revocation lists (.crl): self-signed ones are trusted, the others are issuing authorities. Empty: the configuration's."`
	Issuer string `name:"issuers" help:"Folder of issuing authorities, where they lie apart; empty: the configuration's."`
	Time   string `name:"time" help:"Reference time (RFC 3339); empty: now."`
}

// Validate makes a wrong time a matter of usage.
func (t trustFlags) Validate() error {
	if _, err := timeOf(t.Time); err != nil {
		return fmt.Errorf("--time: %q is not a time such as 2026-11-22T12:00:00Z", t.Time)
	}
	return nil
}

// verifier trusts the folders of the flags, else the configuration.
func (t trustFlags) verifier(r *run) (*eds.Verifier, time.Time, error) {
	at, err := timeOf(t.Time)
	if err != nil {
		return nil, at, err
	}
	a := &App{Config: r.cfg, log: r.log}
	if t.Issuer != "" {
		a.Config.Authorities = t.Issuer
	}
	cfg := a.trust(Extras{})
	cfg.Stamping.Addresses = nil // a stamp of today would say nothing of an old signature
	if t.Trust != "" {
		if err := trustFolder(t.Trust, &cfg); err != nil {
			return nil, at, err
		}
		if t.Issuer == "" {
			cfg.Intermediates.Folder = ""
		}
	}
	v, err := eds.New(cfg, world{}.Now)
	if err != nil {
		return nil, at, err
	}
	if err := v.Refresh(r.ctx); err != nil {
		r.log.Warn("revocation lists", "error", err)
	}
	return v, at, nil
}

// trustFolder puts the certificates and lists of a folder in the place of the configuration's. A folder of `elicense ca` has
// them in folders of its own.
func trustFolder(folder string, cfg *eds.Config) error {
	cfg.Anchors, cfg.Intermediates = eds.Source{}, eds.Source{Folder: cfg.Intermediates.Folder}
	places := []string{folder}
	if _, err := os.Stat(filepath.Join(folder, "anchors")); err == nil {
		places = []string{filepath.Join(folder, "anchors"), filepath.Join(folder, "intermediates"), filepath.Join(folder, "lists")}
	}
	var lists []eds.List
	for _, place := range places {
		entries, err := os.ReadDir(place)
		if errors.Is(err, fs.ErrNotExist) && place != folder {
			continue // no list was written yet
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			file := filepath.Join(place, e.Name())
			switch strings.ToLower(filepath.Ext(e.Name())) {
			case ".crl":
				lists = append(lists, eds.List{File: file})
			case ".cer", ".crt", ".der", ".pem":
				b, err := readLimited(file, 64<<10)
				if err != nil {
					return err
				}
				c, err := eds.ParseCertificate(b)
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				if eds.SelfSigned(c) {
					cfg.Anchors.Certificates = append(cfg.Anchors.Certificates, c)
				} else {
					cfg.Intermediates.Certificates = append(cfg.Intermediates.Certificates, c)
				}
			}
		}
	}
	if len(lists) > 0 {
		cfg.Lists = lists
	}
	return nil
}

type edsVerifyCommand struct {
	trustFlags
	File    string `arg:"" help:"CMS as DER, PEM or base64."`
	Content string `name:"content" help:"File with the bytes that were signed; needed where the CMS does not hold them."`
}

// judged is what eds verify prints.
type judged struct {
	Valid       bool      `json:"valid"`
	Reason      string    `json:"reason,omitempty"`
	Algorithm   string    `json:"algorithm,omitempty"`
	SigningTime time.Time `json:"signing_time,omitzero"` // the signer's word
	Signer      *holder   `json:"signer"`
	Chain       []linked  `json:"chain"`
	TimeStamp   *stamped  `json:"time_stamp"` // null where the signature brings none by an authority that is trusted
	Revocation  string    `json:"revocation,omitempty"`
}

// stamped is when a time-stamping authority saw the signature.
type stamped struct {
	Time      time.Time `json:"time"`
	Authority string    `json:"authority"` // subject of its certificate
}

// stampOf gives the time stamp that was found good.
func stampOf(parsed *cms.SignedData, s port.Signature) *stamped {
	at, ok := s.TimeStamped()
	if !ok {
		return nil
	}
	out := &stamped{Time: at}
	if token, err := parsed.Stamp(); err == nil && token != nil {
		if c, err := eds.ParseCertificate(token.RawCertificate()); err == nil {
			out.Authority = c.Subject.String()
		}
	}
	return out
}

// holder is whom a certificate names.
type holder struct {
	IIN          string     `json:"iin,omitempty"`
	BIN          string     `json:"bin,omitempty"`
	Name         string     `json:"name"`
	Organisation string     `json:"organisation,omitempty"`
	Roles        []cms.Role `json:"roles,omitempty"`
}

// linked is one link of a chain as it is printed.
type linked struct {
	Subject   string    `json:"subject"`
	SHA256    string    `json:"sha256"`
	Algorithm string    `json:"algorithm,omitempty"` // of its key
	Anchor    bool      `json:"anchor"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Signature string    `json:"signature"` // "good", or the reason
	Validity  string    `json:"validity"`  // "good", or the reason
}

// Run verifies a signature; exit 0 only when it is valid and its certificate is known not to be revoked.
func (c edsVerifyCommand) Run(r *run) error {
	signature, err := readLimited(c.File, int64(cms.WireLimit(cms.MaxContent)))
	if err != nil {
		return err
	}
	v, at, err := c.verifier(r)
	if err != nil {
		return err
	}
	j, err := c.judge(r, v, signature, at)
	if f, ok := fault.As(err); ok {
		j.Reason = f.Key
	} else if err != nil {
		return err
	}
	printJSON(r, j)
	if !j.Valid {
		return errWrong
	}
	return nil
}

// judge finds out what can be said of a signature, as far as it goes before the first fault.
func (c edsVerifyCommand) judge(r *run, v *eds.Verifier, signature []byte, at time.Time) (judged, error) {
	j := judged{Chain: []linked{}}
	parsed, err := cms.Parse(signature)
	if err != nil {
		return j, err
	}
	if certificate, err := eds.ParseCertificate(parsed.RawCertificate()); err == nil {
		j.Signer, j.Chain = holderOf(certificate), links(v.Chain(certificate, at))
	}
	content, inside := parsed.Encapsulated()
	switch {
	case c.Content != "":
		if content, err = readLimited(c.Content, 64<<20); err != nil {
			return j, err
		}
	case !inside:
		return j, usageError("the signature is detached: --content names the file that was signed")
	}
	verified, err := parsed.Verify(content)
	if err != nil {
		return j, err
	}
	j.Algorithm, j.SigningTime = verified.Algorithm, verified.SigningTime
	s, err := v.Verify(r.ctx, content, signature, at)
	if err != nil {
		return j, err
	}
	j.Valid, j.Revocation, j.TimeStamp = s.Revocation == port.RevocationGood, string(s.Revocation), stampOf(parsed, s)
	if !j.Valid {
		j.Reason = "signature.pending"
	}
	return j, nil
}

// printJSON prints a value over several lines.
func printJSON(r *run, v any) {
	enc := json.NewEncoder(r.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // the reader went away
}

// holderOf tells whom a certificate names: nil where it is no person's.
func holderOf(c *x509.Certificate) *holder {
	s, err := cms.SubjectOf(c)
	if err != nil {
		return nil
	}
	return &holder{IIN: s.IIN, BIN: s.BIN, Name: strings.TrimSpace(s.Surname + " " + s.GivenName), Organisation: s.Organisation, Roles: s.Roles}
}

func links(chain []eds.Link) []linked {
	out := make([]linked, len(chain))
	for i, l := range chain {
		out[i] = linked{Subject: l.Certificate.Subject.String(), SHA256: cms.Fingerprint(l.Certificate.Raw), Algorithm: cms.NewIssuer(l.Certificate).Algorithm(),
			Anchor: l.Anchor, NotBefore: l.Certificate.NotBefore.UTC(), NotAfter: l.Certificate.NotAfter.UTC(), Signature: or(l.Signature), Validity: or(l.Validity)}
	}
	return out
}

// or says "good" where there is no reason against it.
func or(reason string) string {
	if reason == "" {
		return "good"
	}
	return reason
}

type edsChainCommand struct {
	trustFlags
	Files []string `arg:"" help:"Certificates (DER, PEM, base64), or CMS whose signer's certificate is meant."`
}

// chained is what eds chain prints of a file.
type chained struct {
	File string   `json:"file"`
	Good bool     `json:"good"`
	Why  string   `json:"reason,omitempty"` // why the file is not read
	Link []linked `json:"chain"`
}

// Run follows certificates to their anchors by key identifier and signature; exit 1 when a link of one does not hold.
func (c edsChainCommand) Run(r *run) error {
	v, at, err := c.verifier(r)
	if err != nil {
		return err
	}
	var all []chained
	for _, file := range c.Files {
		one := chained{File: file, Link: []linked{}}
		certificate, err := certificateIn(file)
		if f, ok := fault.As(err); ok {
			one.Why = f.Key
		} else if err != nil {
			return err
		} else {
			chain := v.Chain(certificate, at)
			one.Good = !slices.ContainsFunc(chain, func(l eds.Link) bool { return !l.Good() })
			one.Link = links(chain)
		}
		all = append(all, one)
	}
	if r.json {
		printJSON(r, all)
	} else {
		for _, one := range all {
			one.write(r)
		}
	}
	if slices.ContainsFunc(all, func(c chained) bool { return !c.Good }) {
		return errWrong
	}
	return nil
}

func (c chained) write(r *run) {
	word := map[bool]string{true: "GOOD", false: "BROKEN"}[c.Good]
	fmt.Fprintf(r.out, "%s: %s %s\n", c.File, word, c.Why)
	for i, l := range c.Link {
		anchor := ""
		if l.Anchor {
			anchor = ", anchor"
		}
		fmt.Fprintf(r.out, "  %s%s\n  %s  signature %s, validity %s (%s to %s), %s%s\n", strings.Repeat("  ", i), l.Subject, strings.Repeat("  ", i),
			l.Signature, l.Validity, l.NotBefore.Format(time.DateOnly), l.NotAfter.Format(time.DateOnly), l.Algorithm, anchor)
	}
}

// certificateIn reads the certificate of a file, or of the signer of a CMS; a fault of package cms where there is none.
func certificateIn(file string) (*x509.Certificate, error) {
	b, err := readLimited(file, int64(cms.WireLimit(cms.MaxContent)))
	if err != nil {
		return nil, err
	}
	c, err := eds.ParseCertificate(b)
	if err == nil {
		return c, nil
	}
	parsed, cmsErr := cms.Parse(b)
	if cmsErr != nil {
		return nil, fault.New(fault.Invalid, cms.KeyCertificate).Because(errors.Join(err, cmsErr))
	}
	return eds.ParseCertificate(parsed.RawCertificate())
}
