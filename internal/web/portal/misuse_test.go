package portal

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/port"
)

// Each way of signing too late or elsewhere that an honest person meets says what it is, and shows a document to sign.
func TestWhyADocumentIsNotAccepted(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	nothing := strings.Replace(j.signingAction(), "challenge=", "challenge=f0", 1)
	for l, words := range map[string][3]string{
		"kk": {"оның уақыты әлдеқашан өткен немесе ол бұл өтінішке арналмаған", "басқа браузерде немесе жүйеге қайта кіргенге дейін дайындалған", "уақыт өтіп кетті"},
		"ru": {"его время давно прошло или он составлен не для этого заявления", "в другом браузере или до того, как вы вошли заново", "Время, отведённое на подписание, истекло"},
		"en": {"its time is long over, or it was not made for this application", "in another browser or before you logged in again", "The time for signing has passed"},
	} {
		in := func(path string) string { return strings.Replace(path, "/kk/", "/"+l+"/", 1) }
		again := func(path, want string) {
			t.Helper()
			body, _ := j.send(in(path), url.Values{"cms": {"good"}}, http.StatusGone)
			j.holds(body, want, in(j.at("/sign?challenge=")))
		}
		again(nothing, words[0])
		mine := j.signingAction()
		j.logIn("alpha")
		again(mine, words[1])
		mine = j.signingAction()
		j.world.now = j.world.now.Add(31 * time.Minute)
		again(mine, words[2])
	}
}

// Another account is told the same of a document that exists as of one that does not.
func TestNobodyLearnsOfOthersDocuments(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	theirs, number := j.signingAction(), j.number
	nonce := theirs[strings.LastIndexByte(theirs, '=')+1:]
	j.logIn("beta")
	j.send(theirs, url.Values{"cms": {"good"}}, http.StatusNotFound)
	j.begin()
	beta := access.Actor{Role: access.Applicant, Account: "beta", Party: "party-beta"}
	for name, asked := range map[string][2]string{"another's": {j.number, nonce}, "none": {j.number, strings.Repeat("0", 32)}, "another's for another's": {number, nonce}} {
		_, err := j.Filing.Submit(t.Context(), beta, "a session", asked[0], filing.Submission{Nonce: asked[1], CMS: []byte("good")})
		if f, ok := fault.As(err); !ok || f.Key != filing.KeyUnknownDocument || f.Kind != fault.Gone || len(f.Args) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A document that was signed with a key that turned out to be revoked is used up; the page says so and shows a new one.
func TestUsedDocumentOfADraft(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	used := j.signingAction()
	j.verifier.revocation = port.RevocationUnknown
	j.send(used, url.Values{"cms": {"good"}}, http.StatusSeeOther)
	// While it is being checked, the button leads to what became of the application.
	leads := func() {
		t.Helper()
		_, resp := j.send(used, url.Values{"cms": {"worse"}}, http.StatusSeeOther)
		if resp.Header.Get("Location") != j.at("") {
			t.Errorf("went to %s", resp.Header.Get("Location"))
		}
	}
	leads()
	must(t, j.store.Update(t.Context(), func(tx port.Tx) error {
		a, err := tx.Applications().Application(t.Context(), j.number)
		if err != nil {
			return err
		}
		if a.State != application.Signing {
			return fault.New(fault.Internal, "not being signed")
		}
		a.State, a.SentAt = application.Draft, time.Time{}
		tx.Write().Applications().Change(a)
		return nil
	}))
	body, _ := j.send(used, url.Values{"cms": {"worse"}}, http.StatusConflict)
	j.holds(body, "Бұл құжатқа бұрын қол қойылған, ол қолтаңба қабылданбады", j.at("/sign?challenge="))
	j.verifier.revocation = port.RevocationGood
	fresh := j.signingAction()
	j.send(fresh, url.Values{"cms": {"good"}}, http.StatusSeeOther)
	j.logIn("alpha") // another browser
	leads()
}

// Signed already, before the log-in: who has no session is told, who has one is led on.
func TestUsedDocumentOfARegistration(t *testing.T) {
	v, who := peoplePortal(t), somebody(t, 2600)
	v.register(who)
	page, cms := v.path, base64.StdEncoding.EncodeToString(withKeyOf(t, who, v.payload()))
	jar := v.old()
	v.post(v.action(), "cms", cms)
	v.want(http.StatusOK, "/kk/applications")
	v.get(page)
	v.want(http.StatusOK, "/kk/applications")
	v.http = &http.Client{Jar: jar} // the session of before: it is over, and knows of nothing
	v.get(page)
	if v.status != http.StatusNotFound || !strings.Contains(v.body, "Басқа браузерде бастасаңыз, сонда жалғастырыңыз") {
		t.Errorf("%d %s", v.status, v.main())
	}
}
