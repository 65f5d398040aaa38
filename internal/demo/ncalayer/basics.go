package ncalayer

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

// maxLogo is the most characters of base64 that NCALayer takes for a page's emblem.
const maxLogo = 50_000

// flag is a boolean that the official samples send as the string "true".
type flag bool

// UnmarshalJSON takes true, "true" and null.
func (f *flag) UnmarshalJSON(b []byte) error {
	switch string(bytes.Trim(b, `"`)) {
	case "true":
		*f = true
	case "false", "null", "":
		*f = false
	default:
		return errors.New("neither true nor false")
	}
	return nil
}

// texts is one text or a list of them.
type texts []string

// UnmarshalJSON takes "a" and ["a","b"].
func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = texts{one}
		return nil
	}
	var list []string
	err := json.Unmarshal(b, &list)
	*t = list
	return err
}

// signArgs are the arguments of basics' sign. locale and logo change the dialog only, which the double does not have.
type signArgs struct {
	Storages []string `json:"allowedStorages"` // none means all
	Format   string   `json:"format"`
	Data     texts    `json:"data"`
	Signing  struct {
		Decode      flag            `json:"decode"`
		Encapsulate *flag           `json:"encapsulate"` // true when absent
		Digested    flag            `json:"digested"`
		OutputCert  flag            `json:"outputCert"`
		Expired     flag            `json:"allowExpired"`
		Profile     json.RawMessage `json:"tsaProfile"` // an object asks for a time stamp
	} `json:"signingParams"`
	Signer struct {
		ExtKeyUsageOIDs []string `json:"extKeyUsageOids"`
		IIN             string   `json:"iin"`
		BIN             string   `json:"bin"`
		Serial          string   `json:"serialNumber"`
		Chain           []string `json:"chain"` // base64 of authorities; empty means any
	} `json:"signerParams"`
	Logo string `json:"logo"`
}

// detached tells whether the content stays outside of the signature.
func (a signArgs) detached() bool {
	return bool(a.Signing.Digested) || a.Signing.Encapsulate != nil && !bool(*a.Signing.Encapsulate)
}

// stamped tells whether a time stamp is asked for.
func (a signArgs) stamped() bool {
	profile := string(bytes.TrimSpace(a.Signing.Profile))
	return profile != "" && profile != "null"
}

// check gives what NCALayer has against the arguments, or nil.
func (a signArgs) check() object {
	switch {
	case a.Format == "xml", a.Format == "raw":
		return failure("INVALID_SIGNING_PARAMS", "the demonstration's agent signs in the format cms only")
	case a.Format != "cms":
		return failure("INVALID_SIGNING_PARAMS", "format")
	case len(a.Data) == 0:
		return failure("INVALID_SIGNING_PARAMS", "data")
	case bool(a.Signing.Digested) && !bool(a.Signing.Decode):
		return failure("INVALID_SIGNING_PARAMS", "a digest comes in base64: decode")
	case bool(a.Signing.Digested) && a.Signing.Encapsulate != nil && bool(*a.Signing.Encapsulate):
		return failure("INVALID_SIGNING_PARAMS", "of a digest there is no content to encapsulate")
	case len(a.Logo) > maxLogo:
		return failure("INVALID_SIGNING_PARAMS", "logo")
	}
	return nil
}

// wanted is the filter of the dialog.
func (a signArgs) wanted() (filter, error) {
	f := filter{storages: a.Storages, usages: a.Signer.ExtKeyUsageOIDs, iin: a.Signer.IIN, bin: a.Signer.BIN, serial: a.Signer.Serial, expired: bool(a.Signing.Expired)}
	for _, text := range a.Signer.Chain {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return f, err
		}
		authority, err := x509.ParseCertificate(der)
		if err != nil {
			return f, err
		}
		f.chain = append(f.chain, authority)
	}
	return f, nil
}

// sign is NCALayer's dialog and its outcome in the words of basics.
func (s *session) sign(raw json.RawMessage) object {
	var args signArgs
	if err := json.Unmarshal(raw, &args); err != nil {
		return failure("INVOCATION_ERROR", "org.json.JSONException: "+err.Error())
	}
	if refusal := args.check(); refusal != nil {
		return refusal
	}
	wanted, err := args.wanted()
	if err != nil {
		return failure("INVALID_SIGNING_PARAMS", "chain")
	}
	key, err := s.pick(wanted)
	switch {
	case errors.Is(err, errClosed):
		return object{"status": true, "body": object{}}
	case err != nil:
		return failure("SIGNING_FAILURE", err.Error())
	}
	signatures := make([]string, 0, len(args.Data))
	for _, data := range args.Data {
		content := []byte(data)
		if args.Signing.Decode {
			if content, err = base64.StdEncoding.DecodeString(data); err != nil {
				return failure("INVOCATION_ERROR", "java.lang.IllegalArgumentException: Illegal base64 character")
			}
		}
		der, err := s.agent.make(key, job{content: content, digested: bool(args.Signing.Digested), detached: args.detached(), stamped: args.stamped()})
		if err != nil {
			return failure("SIGNING_FAILURE", err.Error())
		}
		signatures = append(signatures, string(pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der})))
	}
	if args.Signing.OutputCert {
		return done(object{"signatures": signatures, "certificate": certificatePEM(key)})
	}
	return done(signatures)
}

// job is one signature to be made.
type job struct {
	content                     []byte // or its digest
	digested, detached, stamped bool
}

// make signs. Where nothing stamps, a signature that should have a time stamp comes without.
func (a *Agent) make(key ca.KeyPair, j job) (der []byte, err error) {
	if j.digested {
		der, err = cms.SignDigest(j.content, key.Key, key.Certificate, a.o.Now())
	} else {
		der, err = cms.Sign(j.content, key.Key, key.Certificate, cms.Options{Detached: j.detached, SigningTime: a.o.Now()})
	}
	if err != nil {
		return nil, errors.New("the key does not sign that")
	}
	if j.stamped && a.o.Stamp != nil {
		if der, err = a.o.Stamp(der); err != nil {
			return nil, errors.New("the time stamping authority does not answer")
		}
	}
	return slices.Clip(der), nil
}

func certificatePEM(key ca.KeyPair) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: key.Certificate.Raw}))
}
