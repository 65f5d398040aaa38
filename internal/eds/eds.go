// Package eds judges electronic digital signatures: it joins the strict mathematics of package cms with trust. A
// signature passes when its signer's certificate leads by key identifiers and signatures to a configured anchor, was
// valid at the time of receipt, names one person, and is not revoked: so says an OCSP responder (RFC 6960) or, where none
// is configured or none answers, a fresh revocation list with its delta list.
//
// Trust comes from configuration alone. Certification authorities' certificates inside a CMS are ignored, addresses
// inside certificates are never visited, and distinguished names are never compared, because the National Certification
// Authority repeats them from one generation of its keys to the next.
//
// When revocation cannot be learned the signature is pending, never accepted.
package eds

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// The faults of trust, beside those of package cms.
const (
	KeyUntrusted    = "signature.untrusted"      // no chain to a configured anchor
	KeyNotYetValid  = "signature.not-yet-valid"  // received before the certificate's time
	KeyExpired      = "signature.expired"        // received after the certificate's time
	KeyChainExpired = "signature.chain-validity" // an authority's certificate is not valid at the time of receipt
	KeyRevoked      = "signature.revoked"        // revoked at the time of receipt
	KeyDemo         = "signature.demo"           // a demonstration certificate in production
)

// Production is the environment that trusts neither the demonstration authority nor the NCA's public test hierarchy.
const Production = "production"

// Source is a set of certificates: files of a folder, certificates given directly, or both.
type Source struct {
	// Folder holds DER or PEM files (.cer .crt .der .pem), one certificate each. Other files are ignored.
	Folder string
	// Pins, when given, are the SHA-256 of the certificates to take, in hex with or without colons. A pin without its
	// certificate is an error. Without pins every certificate of the folder is taken.
	Pins []string
	// Certificates are taken as they are, besides the folder.
	Certificates []*x509.Certificate
}

// List is where a revocation list is found, a base or a delta list: exactly one of the two.
type List struct {
	URL  string // http or https; the list is signed, so plain http is allowed
	File string // DER or PEM
}

// Archive keeps the bytes of a revocation list, so that a signature that was judged by it can be judged again years later.
// Evidence names the list by the SHA-256 of these bytes.
type Archive func(ctx context.Context, list []byte) error

// Config is the whole of trust.
type Config struct {
	Environment   string        // Production, "demo", ...
	Anchors       Source        // root certificates (or issuing ones, where the root is not to be trusted at large)
	Intermediates Source        // issuing authorities below the anchors
	Lists         []List        // their revocation lists, base and delta
	Responders    []string      // addresses of OCSP responders, asked in this order; none: the lists answer alone
	Patience      time.Duration // how long a responder may take; 0 means 2 seconds
	Archive       Archive       // keeps every list before it is used; nil keeps none
	Refresh       time.Duration // how often lists are fetched; 0 means every 10 minutes
	MaxAge        time.Duration // how long a list serves after it was last fetched, within its own nextUpdate; 0 means until that
	Stamping      Stamping      // time stamps
	Client        *http.Client  // for lists, responders and stamps; nil means a new one. Lists have 30 seconds unless it says otherwise
	Remember      int           // how many certificates with a verified chain are remembered; 0 means 500
	Log           *slog.Logger  // nil discards
}

// Verifier implements port.Verifier. It is safe for use by many goroutines at once.
type Verifier struct {
	environment string
	authorities map[string][]*authority // by subject key identifier
	lists       []List
	current     atomic.Pointer[map[*authority]*revocations]
	known       *memory
	stamps      *stamping
	archive     Archive
	refresh     time.Duration
	maxAge      time.Duration
	refreshing  sync.Mutex
	latest      []*list // what each of lists gave last, nil before; guarded by refreshing
	client      *http.Client
	responders  []*responder
	patience    time.Duration
	asker       *http.Client
	log         *slog.Logger
	now         func() time.Time
	status      []atomic.Pointer[ListStatus]
}

// The ports' contracts hold.
var (
	_ port.Verifier = (*Verifier)(nil)
	_ port.Stamper  = (*Verifier)(nil)
)

// New reads the certificates and checks the chain of every intermediate once. It fetches nothing: call Refresh or Run,
// until then every revocation is unknown. now gives the time against which lists are fresh or stale.
func New(cfg Config, now func() time.Time) (*Verifier, error) {
	v := &Verifier{
		environment: cfg.Environment, lists: cfg.Lists, archive: cfg.Archive, refresh: cfg.Refresh, maxAge: cfg.MaxAge, client: listClient(cfg.Client), log: cfg.Log, now: now,
		status: make([]atomic.Pointer[ListStatus], len(cfg.Lists)), latest: make([]*list, len(cfg.Lists)), patience: cfg.Patience, asker: askingClient(cfg.Client),
	}
	if v.log == nil {
		v.log = slog.New(slog.DiscardHandler)
	}
	if v.refresh <= 0 {
		v.refresh = 10 * time.Minute
	}
	if v.patience <= 0 {
		v.patience = 2 * time.Second
	}
	if cfg.Remember <= 0 {
		cfg.Remember = 500
	}
	v.known = newMemory(cfg.Remember)
	v.current.Store(&map[*authority]*revocations{})
	for _, l := range cfg.Lists {
		if err := l.check(); err != nil {
			return nil, err
		}
	}
	for _, address := range cfg.Responders {
		if !isWeb(address) {
			return nil, fmt.Errorf("eds: %q is not the address of an OCSP responder", address)
		}
		v.responders = append(v.responders, newResponder(address))
	}
	var err error
	if v.stamps, err = newStamping(cfg.Stamping, cfg.Client); err != nil {
		return nil, err
	}
	anchors, err := cfg.Anchors.load()
	if err != nil {
		return nil, fmt.Errorf("eds: anchors: %w", err)
	}
	intermediates, err := cfg.Intermediates.load()
	if err != nil {
		return nil, fmt.Errorf("eds: intermediates: %w", err)
	}
	if len(anchors) == 0 {
		return nil, fmt.Errorf("eds: no trust anchor is configured")
	}
	if cfg.Environment == Production {
		for _, c := range append(append([]*x509.Certificate{}, anchors...), intermediates...) {
			if err := refuseInProduction(c); err != nil {
				return nil, err
			}
		}
	}
	v.authorities, err = arrange(anchors, intermediates, v.log)
	return v, err
}

// check refuses a list that is neither a file nor a web address, or both.
func (l List) check() error {
	if (l.URL == "") == (l.File == "") {
		return fmt.Errorf("eds: a revocation list needs an address or a file, not both")
	}
	if l.URL == "" {
		return nil
	}
	if !isWeb(l.URL) {
		return fmt.Errorf("eds: %q is not the address of a revocation list", l.URL)
	}
	return nil
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// Verify judges a detached or encapsulating CMS over exactly content; the contract is the port's. Beside the port's
// "signature.*" faults it returns the context's error when that ends before an answer is there.
func (v *Verifier) Verify(ctx context.Context, content, signature []byte, at time.Time) (port.Signature, error) {
	if err := ctx.Err(); err != nil {
		return port.Signature{}, err
	}
	if len(signature) > cms.WireLimit(len(content)) {
		return port.Signature{}, fault.New(fault.Invalid, cms.KeyTooLarge)
	}
	parsed, err := cms.Parse(signature)
	if err != nil {
		return port.Signature{}, err
	}
	holder, err := v.holderOf(parsed.RawCertificate())
	if err != nil {
		return port.Signature{}, err
	}
	verified, err := parsed.VerifyWith(holder.certificate, content)
	if err != nil {
		return port.Signature{}, err
	}
	revocation, evidence, err := v.judge(ctx, holder, at)
	if err != nil {
		return port.Signature{}, err
	}
	c := holder.certificate
	return v.stamped(ctx, holder, parsed, port.Signature{
		CMS: verified.DER, Digest: cms.Fingerprint(verified.DER), Certificate: c.Raw, Fingerprint: holder.fingerprint,
		Serial: fmt.Sprintf("%x", c.SerialNumber), Algorithm: verified.Algorithm, NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		Signer: holder.signer(), Revocation: revocation, At: at.UTC(), Evidence: evidence,
	})
}

// Recheck asks again about a certificate whose revocation was unknown; the contract is the port's. The certificate's
// chain and validity at the given time are judged again as well.
func (v *Verifier) Recheck(ctx context.Context, certificate []byte, at time.Time) (port.Revocation, []port.Evidence, error) {
	if err := ctx.Err(); err != nil {
		return "", nil, err
	}
	holder, err := v.holderOf(certificate)
	if err != nil {
		return "", nil, err
	}
	return v.judge(ctx, holder, at)
}

// judge checks everything about a certificate that depends on time.
func (v *Verifier) judge(ctx context.Context, h *holder, at time.Time) (port.Revocation, []port.Evidence, error) {
	c := h.certificate
	switch {
	case at.Before(c.NotBefore):
		return "", nil, fault.New(fault.Invalid, KeyNotYetValid)
	case at.After(c.NotAfter):
		return "", nil, fault.New(fault.Invalid, KeyExpired)
	}
	// No nesting is required: the NCA has issued authorities older than their roots.
	for a := h.issuer; a != nil; a = a.issuer {
		if at.Before(a.certificate.NotBefore) || at.After(a.certificate.NotAfter) {
			return "", nil, fault.New(fault.Invalid, KeyChainExpired)
		}
	}
	return v.revocation(ctx, h, at)
}

// holderOf reads and trusts a signer's certificate: profile, person, chain. None of this changes while the process
// lives, so it is remembered; validity and revocation are judged anew every time.
func (v *Verifier) holderOf(raw []byte) (*holder, error) {
	fingerprint := cms.Fingerprint(raw)
	if h, ok := v.known.get(fingerprint); ok {
		return h, nil
	}
	c, err := x509.ParseCertificate(bytes.Clone(raw)) // or the whole message would stay in memory with it
	if err != nil {
		return nil, fault.New(fault.Invalid, cms.KeyCertificate).Because(err)
	}
	if v.environment == Production && cms.IsDemo(c) {
		return nil, fault.New(fault.Invalid, KeyDemo)
	}
	subject, err := cms.SubjectOf(c)
	if err != nil {
		return nil, err
	}
	issuer, err := v.issuerOf(c)
	if err != nil {
		return nil, err
	}
	h := &holder{certificate: c, fingerprint: fingerprint, subject: subject, issuer: issuer, serial: string(c.SerialNumber.Bytes())}
	return v.known.put(fingerprint, h), nil
}

// holder is a signer's certificate whose profile and chain have been checked.
type holder struct {
	certificate *x509.Certificate
	fingerprint string
	serial      string // big-endian octets
	subject     cms.Subject
	issuer      *authority

	mu     sync.Mutex // guards what follows; held for moments only
	answer *answer    // the last that was believed; nil before
	asking *inquiry   // nil when nobody asks
}

// signer is the subject in the port's words.
func (h *holder) signer() port.Signer {
	s := h.subject
	out := port.Signer{
		IIN: s.IIN, BIN: s.BIN, Surname: s.Surname, GivenName: s.GivenName, Patronymic: s.Patronymic,
		Organisation: s.Organisation, Email: s.Email, Roles: make([]port.SignerRole, len(s.Roles)),
	}
	for i, r := range s.Roles {
		out.Roles[i] = port.SignerRole(r)
	}
	return out
}

// readFile reads a small file of certificates or lists and refuses a larger one.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return os.ReadFile(path)
}
