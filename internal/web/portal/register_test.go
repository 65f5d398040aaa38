package portal

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"elicense/internal/web/signing"
)

func TestRegistrationKeepsWhatWasTyped(t *testing.T) {
	v := peoplePortal(t)
	v.get("/ru/register")
	v.want(http.StatusOK, "/ru/register", "никто не сможет зарегистрироваться под чужим номером", "От 8 до 128 знаков", `autocomplete="new-password"`)
	v.post("/ru/register", "number", "880504300013", "email", "nobody", "phone", "12", "password", "короткий", "lang", "en")
	v.want(http.StatusUnprocessableEntity, "/ru/register", `value="880504300013"`, `value="nobody"`, `value="12"`, `value="en" checked`, `href="#f-email"`, `href="#f-phone"`)
	if strings.Contains(v.body, "короткий") {
		t.Error("the password came back")
	}
}

func TestRegistrationSignatures(t *testing.T) {
	v, who, stranger := peoplePortal(t), somebody(t, 800), somebody(t, 900)
	v.register(who)
	v.want(http.StatusOK, v.path, who.IIN, "Порталға тіркелу", "data-sign-form")
	page, payload, action := v.path, v.payload(), v.action()

	v.post(action, "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, stranger, payload)))
	v.want(http.StatusUnprocessableEntity, action, "Кілт басқа адамға тиесілі")
	v.post(action, "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, who, append([]byte(" "), payload...))))
	v.want(http.StatusUnprocessableEntity, action)
	v.post(action, "cms", "сен менің кілтім емессің")
	v.want(http.StatusUnprocessableEntity, action)
	v.post(action, "cms", "")
	v.want(http.StatusUnprocessableEntity, action, "Қолтаңба файлын таңдаңыз", `href="#f-cms"`)
	if !bytes.Equal(payload, v.payload()) {
		t.Error("what is to be signed changed after a fault")
	}

	other := v.other()
	other.get(page)
	if other.status != http.StatusNotFound {
		t.Errorf("another browser sees the document: %d", other.status)
	}
	nonce := strings.TrimPrefix(page, "/kk/register/")
	other.get("/kk/sign/" + nonce + "/document")
	if other.status != http.StatusNotFound || strings.Contains(other.body, who.IIN) {
		t.Errorf("another browser may download the document: %d", other.status)
	}

	v.http = other.http // a forged address in the visitor's own browser would need the token too
	v.post(action, "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, who, payload)))
	if v.status == http.StatusOK {
		t.Error("another browser answered")
	}
}

func TestSigningOutsideThePage(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 1000)
	v.register(who)
	page, payload := v.path, v.payload()
	action := v.find(`<form method="post" action="([^"]+csrf_token=[^"]+)"`)
	nonce := strings.TrimPrefix(page, "/kk/register/")
	v.get("/kk/sign/" + nonce + "/document")
	if v.body != string(payload) || v.header.Get("Content-Type") != "application/json" ||
		v.header.Get("Content-Disposition") != `attachment; filename="elicense-registration-`+nonce[:8]+`.json"` {
		t.Fatalf("the document: %v %s", v.header, v.body)
	}
	v.upload(action, make([]byte, signing.MaxCMS+1))
	v.want(http.StatusUnprocessableEntity, strings.ReplaceAll(action, "&amp;", "&"), "тым үлкен")
	v.upload(action, withKeyOf(t, who, payload))
	v.want(http.StatusOK, "/kk/applications")
	v.get(page)
	if v.status == http.StatusOK && strings.HasPrefix(v.path, "/kk/register/") {
		t.Error("a used document is still shown")
	}
}

func TestRegistrationTwice(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 1100)
	v.registered(who)
	v.http = v.browser()
	v.register(who) // the first step tells nothing
	v.post(v.action(), "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, who, v.payload())))
	if v.status != http.StatusUnprocessableEntity || !strings.Contains(v.body, "тіркелген") || !strings.Contains(v.body, `href="/kk/login"`) {
		t.Errorf("%d %s", v.status, v.main())
	}
}

func TestExpiredDocumentIsReplaced(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 1200)
	v.register(who)
	payload, action := v.payload(), v.action()
	v.world.ahead.Add(int64(16 * time.Minute))
	v.post(action, "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, who, payload)))
	v.want(http.StatusUnprocessableEntity, action, "уақыт өтіп кетті")
	if bytes.Equal(payload, v.payload()) {
		t.Fatal("the document is the same")
	}
	v.post(v.action(), "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, who, v.payload())))
	v.want(http.StatusOK, "/kk/applications")
}

func TestRecovery(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 1300)
	v.registered(who)
	elsewhere := v.other()
	elsewhere.get("/kk/recover")
	const next = "он бес қой 16 ешкі"
	elsewhere.post("/kk/recover", "number", who.IIN, "password", next)
	elsewhere.post(elsewhere.action(), "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, who, elsewhere.payload())))
	elsewhere.want(http.StatusOK, "/kk/applications")
	v.get("/kk/applications")
	if v.path == "/kk/applications" {
		t.Error("the session from before the recovery lives on")
	}
	v.post("/kk/login", "number", who.IIN, "password", peoplePassword)
	v.want(http.StatusUnprocessableEntity, "/kk/login")
	v.post("/kk/login", "number", who.IIN, "password", next)
	v.want(http.StatusOK, "/kk/applications")

	v = v.other()
	v.get("/kk/recover")
	stranger := somebody(t, 1400)
	v.post("/kk/recover", "number", stranger.IIN, "password", next)
	v.post(v.action(), "cms", base64.StdEncoding.EncodeToString(withKeyOf(t, stranger, v.payload())))
	if v.status != http.StatusUnprocessableEntity || !strings.Contains(v.body, "тіркелмеген") {
		t.Errorf("%d %s", v.status, v.main())
	}
}
