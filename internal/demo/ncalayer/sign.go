package ncalayer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

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

// signArgs are the arguments of basics' sign that matter here.
type signArgs struct {
	Format  string `json:"format"`
	Data    texts  `json:"data"`
	Signing struct {
		Decode      flag  `json:"decode"`
		Encapsulate *flag `json:"encapsulate"` // true when absent
		Digested    flag  `json:"digested"`
		OutputCert  flag  `json:"outputCert"`
	} `json:"signingParams"`
	Signer struct {
		ExtKeyUsageOIDs []string `json:"extKeyUsageOids"`
		IIN             string   `json:"iin"`
		BIN             string   `json:"bin"`
	} `json:"signerParams"`
}

// sign is NCALayer's dialog and its outcome. The time stamp that tsaProfile asks for is never made: there is no
// authority for it here, and the portal's own is the one that counts.
func (s *session) sign(raw json.RawMessage) object {
	var args signArgs
	if err := json.Unmarshal(raw, &args); err != nil {
		return failure("INVOCATION_ERROR", "org.json.JSONException: "+err.Error())
	}
	if args.Format != "cms" || bool(args.Signing.Digested) || len(args.Data) == 0 {
		return failure("INVALID_SIGNING_PARAMS", "the demonstration signs CMS over content only")
	}
	key, refusal := s.pick(args)
	if refusal != nil {
		return refusal
	}
	detached := args.Signing.Encapsulate != nil && !bool(*args.Signing.Encapsulate)
	signatures := make([]string, 0, len(args.Data))
	for _, data := range args.Data {
		content := []byte(data)
		if args.Signing.Decode {
			var err error
			if content, err = base64.StdEncoding.DecodeString(data); err != nil {
				return failure("INVOCATION_ERROR", "java.lang.IllegalArgumentException: Illegal base64 character")
			}
		}
		der, err := cms.Sign(content, key.Key, key.Certificate, cms.Options{Detached: detached, SigningTime: s.agent.o.Now()})
		if err != nil {
			return failure("SIGNING_FAILURE", "the key does not sign")
		}
		signatures = append(signatures, string(pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: der})))
	}
	if args.Signing.OutputCert {
		certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: key.Certificate.Raw})
		return done(object{"signatures": signatures, "certificate": string(certificate)})
	}
	return done(signatures)
}

// pick stands for the person in front of the dialog: the choice made before, or the only holder that the request leaves,
// with the first of his keys. It gives the answer of a closed dialog when there is neither.
func (s *session) pick(args signArgs) (ca.KeyPair, object) {
	chosen, cancel := s.chosen, s.cancel
	s.chosen, s.cancel = "", false
	closed := object{"status": true, "body": object{}}
	if cancel {
		return ca.KeyPair{}, closed
	}
	var fitting, own []ca.KeyPair // one key of each holder
	for _, k := range s.agent.o.Keys() {
		subject, err := cms.SubjectOf(k.Certificate)
		if err != nil || !fits(k, subject, args) {
			continue
		}
		if chosen != "" && cms.Fingerprint(k.Certificate.Raw) == chosen {
			return k, nil
		}
		if slices.ContainsFunc(fitting, func(f ca.KeyPair) bool { return bytes.Equal(f.Certificate.RawSubject, k.Certificate.RawSubject) }) {
			continue
		}
		fitting = append(fitting, k)
		if subject.BIN == "" {
			own = append(own, k)
		}
	}
	switch {
	case chosen != "":
		return ca.KeyPair{}, failure("SIGNING_FAILURE", "the chosen key does not suit the request")
	case args.Signer.IIN == "" && args.Signer.BIN == "":
		return ca.KeyPair{}, closed
	case args.Signer.BIN == "" && len(own) == 1:
		return own[0], nil
	case len(fitting) == 1:
		return fitting[0], nil
	}
	return ca.KeyPair{}, closed
}

// fits applies the filters of signerParams: empty ones let everything pass.
func fits(k ca.KeyPair, subject cms.Subject, args signArgs) bool {
	if args.Signer.IIN != "" && subject.IIN != args.Signer.IIN || args.Signer.BIN != "" && subject.BIN != args.Signer.BIN {
		return false
	}
	for _, wanted := range args.Signer.ExtKeyUsageOIDs {
		found := wanted == "1.3.6.1.5.5.7.3.4" // emailProtection: every key that SubjectOf accepts has it
		for _, oid := range k.Certificate.UnknownExtKeyUsage {
			found = found || oid.String() == wanted
		}
		if !found {
			return false
		}
	}
	return true
}
