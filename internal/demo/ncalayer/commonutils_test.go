package ncalayer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

// ask makes a call of the older module.
func ask(t *testing.T, c *Client, method, args string) (code, message string, result json.RawMessage) {
	t.Helper()
	text, err := c.send(t.Context(), []byte(`{"module":"kz.gov.pki.knca.commonUtils","method":"`+method+`","args":`+args+`}`))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Code    string          `json:"code"`
		Message string          `json:"message"`
		Object  json.RawMessage `json:"responseObject"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer.Code, answer.Message, answer.Object
}

func TestOlderModuleSigns(t *testing.T) {
	s := newScene(t, Options{})
	c := s.dial(t)
	content := []byte("{\"a\":\"ә\"}")
	b64, sum := base64.StdEncoding.EncodeToString(content), sha256.Sum256(content)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	for name, one := range map[string]struct {
		method, args string
		inside       bool
	}{
		"detached":     {"createCAdESFromBase64", `["PKCS12","SIGNATURE","` + b64 + `",false]`, false},
		"by default":   {"createCAdESFromBase64", `["PKCS12","SIGNATURE","` + b64 + `"]`, false},
		"with content": {"createCAdESFromBase64", `["PKCS12","any","` + b64 + `",true]`, true},
		"of a digest":  {"createCAdESFromBase64Hash", `["PKCS12","SIGNATURE","` + digest + `"]`, false},
		"with a stamp": {"createCMSSignatureFromBase64", `["PKCS12","SIGNATURE","` + b64 + `",false]`, false},
	} {
		if err := c.Choose(t.Context(), cms.Fingerprint(s.keys[1].Certificate.Raw)); err != nil {
			t.Fatal(err)
		}
		code, message, result := ask(t, c, one.method, one.args)
		var text string
		if code != "200" || json.Unmarshal(result, &text) != nil || strings.Contains(text, "-") {
			t.Errorf("%s: %s %s %s", name, code, message, result)
			continue
		}
		if got := signer(t, text, content); got.BIN != "200140000015" {
			t.Errorf("%s: signed by %+v", name, got)
		}
		parsed, err := cms.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, inside := parsed.Encapsulated(); inside != one.inside {
			t.Errorf("%s: content inside: %v", name, inside)
		}
	}
}

func TestOlderModuleRefuses(t *testing.T) {
	s := newScene(t, Options{})
	for name, one := range map[string]struct {
		choose             bool
		method, args, want string
	}{
		"nobody chose":       {false, "createCAdESFromBase64", `["PKCS12","SIGNATURE","YQ==",false]`, "action.canceled"},
		"nobody chose a key": {false, "getKeyInfo", `["PKCS12"]`, "action.canceled"},
		"a token":            {true, "createCAdESFromBase64", `["AKKaztokenStore","SIGNATURE","YQ==",false]`, "KeyStoreException"},
		"a key for log-in":   {true, "createCAdESFromBase64", `["PKCS12","AUTHENTICATION","YQ==",false]`, "does not suit"},
		"not base64":         {true, "createCAdESFromBase64", `["PKCS12","SIGNATURE","-----BEGIN",false]`, "Illegal base64"},
		"a short digest":     {true, "createCAdESFromBase64Hash", `["PKCS12","SIGNATURE","YQ=="]`, "does not sign"},
		"too few arguments":  {true, "createCAdESFromBase64", `["PKCS12","SIGNATURE"]`, "IllegalArgument"},
		"too many":           {true, "createCAdESFromBase64Hash", `["PKCS12","SIGNATURE","YQ==",true]`, "IllegalArgument"},
		"wrong types":        {true, "createCAdESFromBase64", `[1,2,3,4]`, "IllegalArgument"},
		"named arguments":    {true, "getKeyInfo", `{"storage":"PKCS12"}`, "IllegalArgument"},
		"a strange language": {false, "changeLocale", `["de"]`, "IllegalArgument"},
		"a window":           {false, "showFileChooser", `["PKCS12",""]`, "Headless"},
		"XML":                {true, "signXml", `["PKCS12","SIGNATURE","<a/>","",""]`, "UnsupportedOperation"},
		"no such method":     {false, "hello", `[]`, "NoSuchMethod"},
	} {
		c := s.dial(t) // a choice that no dialog took stays with its connection
		if one.choose {
			if err := c.Choose(t.Context(), cms.Fingerprint(s.keys[0].Certificate.Raw)); err != nil {
				t.Fatal(err)
			}
		}
		if code, message, result := ask(t, c, one.method, one.args); code != "500" || !strings.Contains(message, one.want) || result != nil {
			t.Errorf("%s: %s %q %s, want %q", name, code, message, result, one.want)
		}
	}
}

func TestOlderModuleTells(t *testing.T) {
	s := newScene(t, Options{})
	c := s.dial(t)
	if code, _, result := ask(t, c, "getActiveTokens", "[]"); code != "200" || string(result) != "[]" {
		t.Errorf("tokens: %s %s", code, result)
	}
	for _, locale := range []string{"kk", "kz", "ru", "en"} {
		if code, message, _ := ask(t, c, "changeLocale", `["`+locale+`"]`); code != "200" {
			t.Errorf("%s: %s", locale, message)
		}
	}
	if err := c.Choose(t.Context(), cms.Fingerprint(s.keys[1].Certificate.Raw)); err != nil {
		t.Fatal(err)
	}
	code, message, result := ask(t, c, "getKeyInfo", `["PKCS12"]`)
	var info map[string]string
	if err := json.Unmarshal(result, &info); code != "200" || err != nil {
		t.Fatal(code, message, err)
	}
	for field, want := range map[string]string{
		"subjectCn": "ҮЛГІЛІ АЙГҮЛ", "algorithm": "RSA", "serialNumber": s.keys[1].Certificate.SerialNumber.String(),
		"certNotAfter": s.keys[1].Certificate.NotAfter.UTC().Add(5 * 60 * 60 * 1e9).Format("02.01.2006 15:04:05"), "alias": info["keyId"],
	} {
		if info[field] != want || want == "" {
			t.Errorf("%s: %q, want %q", field, info[field], want)
		}
	}
	if !strings.Contains(info["subjectDn"], "SERIALNUMBER=IIN850101400015") || !strings.Contains(info["subjectDn"], "OU=BIN200140000015") ||
		!strings.HasPrefix(info["pem"], "-----BEGIN CERTIFICATE") || len(info["authorityKeyIdentifier"]) < 8 {
		t.Errorf("%+v", info)
	}
	text, err := c.send(t.Context(), []byte(`{"module":"kz.gov.pki.knca.commonUtils","method":"getActiveTokens","uuid":"7"}`))
	if err != nil || text != `{"code":"200","responseObject":[],"uuid":"7"}` {
		t.Errorf("uuid: %s %v", text, err)
	}
}

// The filters of basics, each with a request that passes.
func TestFilters(t *testing.T) {
	s := newScene(t, Options{})
	c := s.dial(t)
	mine := s.keys[2].Certificate
	issuer := base64.StdEncoding.EncodeToString(s.authority.Intermediates()[0].Raw)
	root := base64.StdEncoding.EncodeToString(s.authority.Anchors()[0].Raw)
	sign := func(storages, signing, signer string) error {
		_, err := c.Call(t.Context(), moduleBasics, "sign", json.RawMessage(`{"allowedStorages":`+storages+`,"format":"cms","data":"eA==","signingParams":{"decode":true`+signing+`},"signerParams":{"iin":"900101300017"`+signer+`}}`))
		return err
	}
	for name, one := range map[string]struct {
		storages, signing, signer string
		late, want                bool
	}{
		"control":            {"null", "", "", false, true},
		"files":              {`["JKS","PKCS12"]`, "", "", false, true},
		"tokens only":        {`["AKKaztokenStore"]`, "", "", false, false},
		"its number":         {"null", "", `,"serialNumber":"` + mine.SerialNumber.Text(16) + `"`, false, true},
		"another's number":   {"null", "", `,"serialNumber":"1"`, false, false},
		"its issuer":         {"null", "", `,"chain":["` + issuer + `"]`, false, true},
		"no filter of chain": {"null", "", `,"chain":[]`, false, true},
		"not its issuer":     {"null", "", `,"chain":["` + root + `"]`, false, false},
		"a key for log-in":   {"null", "", `,"extKeyUsageOids":["1.3.6.1.5.5.7.3.2"]`, false, false},
		"expired":            {"null", "", "", true, false},
		"expired, allowed":   {"null", `,"allowExpired":"true"`, "", true, true},
	} {
		s.clock.set(mine.NotBefore)
		if one.late {
			s.clock.set(mine.NotAfter.AddDate(0, 0, 1))
		}
		err := sign(one.storages, one.signing, one.signer)
		if one.want && err != nil || !one.want && !errors.Is(err, ErrCancelled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.clock.set(mine.NotBefore)
	for name, one := range map[string][2]string{
		"a broken chain": {"", `,"chain":["YQ=="]`}, "a chain without base64": {"", `,"chain":["?"]`},
		"a digest with content": {`,"digested":true,"encapsulate":true`, ""},
	} {
		var no *Refused
		if err := sign("null", one[0], one[1]); !errors.As(err, &no) || no.Code != "INVALID_SIGNING_PARAMS" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A time stamp is added where it is asked for and there is somebody to make it.
func TestStamp(t *testing.T) {
	asked := 0
	s := newScene(t, Options{Stamp: func(der []byte) ([]byte, error) {
		if asked++; asked == 3 {
			return nil, errors.New("not today")
		}
		return der, nil
	}})
	c := s.dial(t)
	sign := func(profile string) error {
		_, err := c.Call(t.Context(), moduleBasics, "sign", json.RawMessage(`{"format":"cms","data":"x","signingParams":{"tsaProfile":`+profile+`},"signerParams":{"iin":"900101300017"}}`))
		return err
	}
	if err := errors.Join(sign("null"), sign("{}"), sign(`{"policy":"1.2.3"}`)); err != nil || asked != 2 {
		t.Fatalf("%v, stamped %d times, want 2", err, asked)
	}
	var no *Refused
	if err := sign("{}"); !errors.As(err, &no) || no.Code != "SIGNING_FAILURE" {
		t.Errorf("an authority that fails: %v", err)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"module":"kz.gov.pki.knca.basics","method":"sign","args":{"format":"cms","data":["a"],"signerParams":{"chain":["YQ=="]}}}`))
	f.Add([]byte(`{"module":"kz.gov.pki.knca.commonUtils","method":"createCAdESFromBase64","args":["PKCS12","SIGNATURE","YQ==",true],"uuid":1}`))
	agent := New(Options{Keys: func() []ca.KeyPair { return nil }, Now: newClock().get})
	f.Fuzz(func(t *testing.T, in []byte) {
		out := (&session{agent: agent}).answer(in)
		if !json.Valid(out) {
			t.Fatalf("%q is answered with %q", in, out)
		}
	})
}
