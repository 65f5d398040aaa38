package eds

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// The faults of a time stamp that only trust finds, beside those of package cms.
const (
	KeyStampValidity = "signature.stamp-validity" // the authority's certificate was not valid when it stamped
	KeyStampRevoked  = "signature.stamp-revoked"  // the authority's certificate was revoked when it stamped
	KeyStampPending  = "signature.stamp-pending"  // fault.Unavailable: no authority has answered
)

const (
	// maxAnswer is the largest answer of a time-stamping authority that is read, in bytes.
	maxAnswer = cms.MaxEnvelope + 1024
	// stampAhead is how far in the future a time stamp may be before it is not believed, and how far in the past as well
	// where it was made just now: an authority whose clock is wrong proves nothing.
	stampAhead = 5 * time.Minute
	// stampSkew is how far a time stamp may be from the server's time of receipt to stand in its place. It is less than
	// the time between two signings of one application, so that their order stays.
	stampSkew = 10 * time.Second
	// stampIdle is how many connections to an authority are kept for the next question.
	stampIdle = 32
)

// After stampFailures failures one after the other an authority is not asked for stampPause; then one question tries.
const (
	stampFailures = 3
	stampPause    = 30 * time.Second
)

// Stamping says where time stamps come from (RFC 3161). The authorities' certificates are trusted under the same anchors as
// signers'.
type Stamping struct {
	// Addresses of the authorities, http or https, in the order in which they are asked. Without one no stamp is obtained;
	// those that signatures bring are verified all the same.
	Addresses []string
	// Policies that serve, as dotted object identifiers; empty means those of the National Certification Authority.
	Policies []string
	// Patience is how long a signature waits for its stamp; 0 means two seconds.
	Patience time.Duration
}

// NCAPolicies are the National Certification Authority's policies of time stamps for GOST 34.310-2004, RSA and
// GOST R 34.10-2015. That of the old GOST keys (1.2.398.3.3.2.6.3) is dead.
func NCAPolicies() []string {
	return []string{"1.2.398.3.3.2.6.1", "1.2.398.3.3.2.6.2", "1.2.398.3.3.2.6.4"}
}

// stamping asks the authorities and remembers the certificates of those that are trusted.
type stamping struct {
	authorities []*stampAuthority
	policies    []string
	policy      string // asked for; empty leaves it to the authority
	patience    time.Duration
	client      *http.Client
	known       *memory
}

// newStamping checks the settings.
func newStamping(s Stamping, given *http.Client) (*stamping, error) {
	out := &stamping{policies: s.Policies, patience: s.Patience, known: newMemory(16)}
	for _, address := range s.Addresses {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("eds: %q is not the address of a time-stamping authority", address)
		}
		out.authorities = append(out.authorities, &stampAuthority{breaker{limit: stampFailures, pause: stampPause}, address})
	}
	for _, p := range s.Policies {
		if !cms.IsObjectIdentifier(p) {
			return nil, fmt.Errorf("eds: %q is not the policy of a time stamp", p)
		}
	}
	switch len(s.Policies) {
	case 0:
		out.policies = NCAPolicies()
	case 1:
		out.policy = s.Policies[0]
	}
	if out.patience <= 0 {
		out.patience = 2 * time.Second
	}
	out.client = listClient(given)
	if transport, ok := http.DefaultTransport.(*http.Transport); ok && out.client.Transport == nil {
		own := transport.Clone()
		own.MaxIdleConnsPerHost = stampIdle
		out.client.Transport = own
	}
	return out, nil
}

// stampAuthority is an address with what was learned of it.
type stampAuthority struct {
	breaker
	address string
}

// stamped adds to a signature that was judged what a time-stamping authority states about it.
//
// A stamp that the signature brings is verified. A broken one is refused. One by an authority that is not trusted here is
// let be as if it were not there: the tools of the National Certification Authority's test hierarchy put in stamps of the
// production one. It never moves the reference time, because whoever signs chooses it.
//
// Where it brings none by an authority that is known not to be revoked, a stamp is obtained if an authority is configured.
// When it comes in time, by an authority whose certificate is known not to be revoked, it is the reference time, at which
// the signer is judged once more. When it does not, the time of receipt stays and the signature is marked as unstamped.
func (v *Verifier) stamped(ctx context.Context, h *holder, parsed *cms.SignedData, s port.Signature) (port.Signature, error) {
	var brought []port.Evidence
	token, err := parsed.Stamp()
	if err != nil {
		return port.Signature{}, err
	}
	if token != nil {
		stamp, err := v.trustStamp(ctx, token, parsed.Value(), nil)
		switch {
		case fault.Is(err, KeyUntrusted):
			v.log.InfoContext(ctx, "a signature brings a time stamp by an authority that is not trusted", "certificate", cms.Fingerprint(token.RawCertificate()))
		case err != nil:
			return port.Signature{}, err
		default:
			brought = stamp.evidence()
			s.Evidence = merge(s.Evidence, brought)
			if stamp.revocation == port.RevocationGood {
				return s, nil
			}
		}
	}
	if len(v.stamps.authorities) == 0 {
		return s, nil
	}
	stamp, err := v.obtain(ctx, parsed)
	if err != nil {
		s.Unstamped = true
		return s, nil //nolint:nilerr // a signature does without; obtain has logged what turned
	}
	if stamp.revocation == port.RevocationGood && stamp.at().Sub(s.At).Abs() <= stampSkew {
		s.At = stamp.at()
		var proof []port.Evidence
		if s.Revocation, proof, err = v.judge(ctx, h, s.At); err != nil {
			return port.Signature{}, err
		}
		s.Evidence = merge(proof, brought)
	}
	s.Evidence = merge(s.Evidence, stamp.evidence())
	return s, nil
}

// Stamp implements port.Stamper: a stamp for a signature that was received while no authority answered.
func (v *Verifier) Stamp(ctx context.Context, signature []byte) ([]port.Evidence, error) {
	parsed, err := cms.Parse(signature)
	if err != nil {
		return nil, err
	}
	stamp, err := v.obtain(ctx, parsed)
	if declined(err) {
		return nil, fault.New(fault.Invalid, cms.KeyStampRefused).Because(err)
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, KeyStampPending).Because(err)
	}
	return stamp.evidence(), nil
}

// declined tells an authority that answers and will not stamp this signature from one that is silent: its refusal says
// nothing of the next signature.
func declined(err error) bool { return fault.Is(err, cms.KeyStampRefused) }

// trustedStamp is a stamp by an authority that is trusted here, with what is known of that authority's own revocation.
type trustedStamp struct {
	stamp      *cms.Stamp
	revocation port.Revocation
	proof      []port.Evidence
}

// at is the time that the stamp states, as exact as times are stored.
func (s trustedStamp) at() time.Time { return s.stamp.Time.Truncate(time.Microsecond) }

// evidence is the stamp in the port's words, and what the trust in it rests on.
func (s trustedStamp) evidence() []port.Evidence {
	return merge([]port.Evidence{{Kind: port.EvidenceTimestamp, DER: bytes.Clone(s.stamp.DER), At: s.at()}}, s.proof)
}

// merge joins evidence; what both have is there once. It changes neither.
func merge(one, other []port.Evidence) []port.Evidence {
	out := slices.Clip(one)
	for _, e := range other {
		if !slices.ContainsFunc(one, func(x port.Evidence) bool { return x.Kind == e.Kind && bytes.Equal(x.DER, e.DER) }) {
			out = append(out, e)
		}
	}
	return out
}

// obtain asks the authorities in their order for a stamp over a signature's value.
func (v *Verifier) obtain(ctx context.Context, parsed *cms.SignedData) (trustedStamp, error) {
	limited, cancel := context.WithTimeout(ctx, v.stamps.patience)
	defer cancel()
	failed := []error{errors.New("eds: no time-stamping authority has given a stamp")}
	for _, a := range v.stamps.authorities {
		if !a.allow(v.now()) {
			continue
		}
		number := make([]byte, 16)
		_, _ = rand.Read(number) // never fails: it ends the program instead (crypto/rand)
		stamp, err := v.askStamp(limited, a, parsed.Ask(number, v.stamps.policy), parsed.Value())
		if err != nil && ctx.Err() != nil { // the person went away, which says nothing of the authority
			a.forget()
			return trustedStamp{}, ctx.Err()
		}
		if a.learn(v.now(), err == nil || declined(err)) {
			v.log.WarnContext(ctx, "time-stamping authority", "address", a.address, "silent", err != nil, "error", err)
		}
		if err == nil {
			return stamp, nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", a.address, err))
	}
	return trustedStamp{}, errors.Join(failed...)
}

// askStamp puts one question to one authority and verifies the answer.
func (v *Verifier) askStamp(ctx context.Context, a *stampAuthority, query cms.StampQuery, value []byte) (trustedStamp, error) {
	der, err := query.Bytes()
	if err != nil {
		return trustedStamp{}, err
	}
	answer, err := post(ctx, v.stamps.client, a.address, "application/timestamp-query", "application/timestamp-reply", der, maxAnswer) // RFC 3161, 3.4
	if err != nil {
		return trustedStamp{}, err
	}
	token, err := cms.ParseStampAnswer(answer)
	if err != nil {
		return trustedStamp{}, err
	}
	stamp, err := v.trustStamp(ctx, token, value, query.Nonce)
	if err == nil && v.now().Sub(stamp.at()) > stampAhead {
		return trustedStamp{}, fault.New(fault.Invalid, cms.KeyStampTime)
	}
	return stamp, err
}

// trustStamp verifies a token over a signature's value: the chain of the authority, the token's mathematics and rules, then the
// validity and revocation of the authority at the time that the token states. A chain that leads nowhere is KeyUntrusted.
func (v *Verifier) trustStamp(ctx context.Context, token *cms.Token, value, nonce []byte) (trustedStamp, error) {
	fingerprint := cms.Fingerprint(token.RawCertificate())
	h, known := v.stamps.known.get(fingerprint)
	if !known {
		c, err := x509.ParseCertificate(bytes.Clone(token.RawCertificate()))
		if err != nil {
			return trustedStamp{}, fault.New(fault.Invalid, cms.KeyStampCertificate).Because(err)
		}
		h = &holder{certificate: c, fingerprint: fingerprint, serial: string(c.SerialNumber.Bytes())}
	}
	if !known { // first of all: by whose rules an authority stamps that is not trusted here is its own affair
		var err error
		if h.issuer, err = v.issuerOf(h.certificate); err != nil {
			return trustedStamp{}, fault.New(fault.Invalid, KeyUntrusted).Because(err)
		}
	}
	stamp, err := token.VerifyWith(h.certificate, value, cms.StampRules{Policies: v.stamps.policies, Nonce: nonce})
	if err != nil {
		return trustedStamp{}, err
	}
	if !known {
		v.stamps.known.put(fingerprint, h)
	}
	if stamp.Time.After(v.now().Add(stampAhead)) {
		return trustedStamp{}, fault.New(fault.Invalid, cms.KeyStampTime)
	}
	revocation, proof, err := v.judge(ctx, h, stamp.Time)
	switch {
	case err == nil:
		return trustedStamp{stamp, revocation, proof}, nil
	case fault.Is(err, KeyRevoked):
		return trustedStamp{}, fault.New(fault.Invalid, KeyStampRevoked)
	case fault.Is(err, KeyNotYetValid), fault.Is(err, KeyExpired), fault.Is(err, KeyChainExpired):
		return trustedStamp{}, fault.New(fault.Invalid, KeyStampValidity)
	}
	return trustedStamp{}, err
}

// ProbeStamps asks every configured authority for a stamp over random bytes and verifies the answers, for whoever looks after an
// installation. The errors are joined, each with its address.
func (v *Verifier) ProbeStamps(ctx context.Context) error {
	var failed []error
	for _, a := range v.stamps.authorities {
		query, value, err := probe(v.stamps.policy)
		if err == nil {
			_, err = v.askStamp(ctx, a, query, value)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", a.address, err))
		}
	}
	return errors.Join(failed...)
}

// probe is a question about random bytes, by the digest that every authority has.
func probe(policy string) (query cms.StampQuery, value []byte, err error) {
	value = make([]byte, 32)
	_, _ = rand.Read(value) // see obtain
	digest := sha256.Sum256(value)
	type imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	der, err := asn1.Marshal(struct {
		Version int
		Imprint imprint
		Nonce   *big.Int
	}{1, imprint{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}, digest[:]}, new(big.Int).SetBytes(value[:16])})
	if err != nil {
		return query, nil, err
	}
	query, err = cms.ParseStampQuery(der)
	query.Policy = policy
	return query, value, err
}
