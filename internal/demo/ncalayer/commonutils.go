package ncalayer

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"elicense/internal/demo/ca"
)

// answered is a good answer of commonUtils.
func answered(result any) object { return object{"code": "200", "responseObject": result} }

// refused is its answer to a call that failed: the text of a Java exception, or action.canceled for a closed dialog.
func refused(err error) object {
	if errors.Is(err, errClosed) {
		return object{"code": "500", "message": "action.canceled"}
	}
	return object{"code": "500", "message": err.Error()}
}

// commonUtils serves the older module, which portals still call: arguments by position, results in plain base64. What it
// does to XML and with windows of its own the double refuses in words.
func (s *session) commonUtils(method string, raw json.RawMessage) object {
	var args []json.RawMessage
	if len(raw) > 0 && json.Unmarshal(raw, &args) != nil {
		return refused(errArgument)
	}
	switch method {
	case "getActiveTokens":
		return answered([]string{}) // the keys lie in files, and no token is plugged in
	case "getKeyInfo":
		return s.keyInfo(args)
	case "createCAdESFromBase64":
		return s.old(args, 4, job{})
	case "createCAdESFromBase64Hash":
		return s.old(args, 3, job{digested: true, detached: true})
	case "createCMSSignatureFromBase64":
		return s.old(args, 4, job{stamped: true})
	case "changeLocale":
		return changeLocale(args)
	case "showFileChooser", "browseKeyStore":
		return refused(errors.New("java.awt.HeadlessException: the demonstration's agent has no window"))
	case "signXml", "signXmls", "applyCAdEST":
		return refused(errors.New("java.lang.UnsupportedOperationException: the demonstration's agent makes CMS signatures only"))
	}
	return refused(errors.New("java.lang.NoSuchMethodException: " + method))
}

// argument reads one argument by position; absent ones leave into as it is.
func argument(args []json.RawMessage, at int, into any) error {
	if at >= len(args) {
		return nil
	}
	if json.Unmarshal(args[at], into) != nil {
		return errArgument
	}
	return nil
}

// dialog is the beginning of every call with a key: the storage, then SIGNATURE, AUTHENTICATION or anything else for any
// key.
func (s *session) dialog(args []json.RawMessage) (ca.KeyPair, error) {
	var storage, kind string
	if err := errors.Join(argument(args, 0, &storage), argument(args, 1, &kind)); err != nil {
		return ca.KeyPair{}, errArgument
	}
	if storage != storageFile {
		return ca.KeyPair{}, errStorage
	}
	f := filter{}
	switch kind {
	case "SIGNATURE":
		f.usages = []string{usageSign}
	case "AUTHENTICATION":
		f.usages = []string{usageAuth}
	}
	return s.pick(f)
}

// old makes one signature: storage, kind of key, content or digest in base64 and, of four arguments, whether the content
// goes inside.
func (s *session) old(args []json.RawMessage, arguments int, j job) object {
	var data string
	var attach flag
	if len(args) < 3 || len(args) > arguments {
		return refused(errArgument)
	}
	if err := errors.Join(argument(args, 2, &data), argument(args, 3, &attach)); err != nil {
		return refused(errArgument)
	}
	content, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return refused(errors.New("java.lang.IllegalArgumentException: Illegal base64 character"))
	}
	key, err := s.dialog(args)
	if err != nil {
		return refused(err)
	}
	j.content, j.detached = content, j.detached || !bool(attach)
	der, err := s.agent.make(key, j)
	if err != nil {
		return refused(err)
	}
	return answered(base64.StdEncoding.EncodeToString(der))
}

// changeLocale takes the languages of NCALayer; kz is its older word for kk.
func changeLocale(args []json.RawMessage) object {
	var locale string
	if err := argument(args, 0, &locale); err != nil {
		return refused(err)
	}
	switch locale {
	case "kk", "kz", "ru", "en":
		return answered(nil)
	}
	return refused(errArgument)
}

// keyTime is how NCALayer writes times, in Almaty's time.
const keyTime = "02.01.2006 15:04:05"

// keyInfo describes the key that the person chooses.
func (s *session) keyInfo(args []json.RawMessage) object {
	key, err := s.dialog(args[:min(1, len(args))])
	if err != nil {
		return refused(err)
	}
	c, almaty := key.Certificate, time.FixedZone("+05", 5*60*60)
	algorithm := "ECGOST3410-2015"
	if _, ok := c.PublicKey.(*rsa.PublicKey); ok {
		algorithm = "RSA"
	}
	id := c.SubjectKeyId
	if len(id) == 0 { // RFC 7093, section 2, method 1
		sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		id = sum[:20]
	}
	return answered(object{
		"alias": hex.EncodeToString(id), "keyId": hex.EncodeToString(id), "algorithm": algorithm,
		"subjectCn": c.Subject.CommonName, "subjectDn": distinguished(c.RawSubject), "issuerCn": c.Issuer.CommonName, "issuerDn": distinguished(c.RawIssuer),
		"serialNumber": c.SerialNumber.String(), "authorityKeyIdentifier": hex.EncodeToString(c.AuthorityKeyId),
		"certNotBefore": c.NotBefore.In(almaty).Format(keyTime), "certNotAfter": c.NotAfter.In(almaty).Format(keyTime), "pem": certificatePEM(key),
	})
}

// distinguished writes a name as Java does: in its own order, the attributes by their short words.
func distinguished(raw []byte) string {
	words := map[string]string{
		"2.5.4.3": "CN", "2.5.4.4": "SURNAME", "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
		"2.5.4.42": "GIVENNAME", "1.2.840.113549.1.9.1": "E",
	}
	var name pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &name); err != nil {
		return ""
	}
	var parts []string
	for _, set := range name {
		for _, one := range set {
			word := words[one.Type.String()]
			if word == "" {
				word = one.Type.String()
			}
			if text, ok := one.Value.(string); ok {
				parts = append(parts, word+"="+text)
			}
		}
	}
	return strings.Join(parts, ",")
}
