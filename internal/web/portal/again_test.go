package portal

import (
	"bytes"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/service"
)

// returned sends an application without its fee, which is refused.
func returned(t *testing.T) *journey {
	t.Helper()
	j := openJourney(t)
	j.prepared()
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	j.holds(j.get(j.at(""), http.StatusOK), `action="`+j.at("/again")+`"`, "Түзетіп, қайта өтініш беру", "Растау белгілерін қайта қоясыз")
	return j
}

func (j *journey) stored(number string) application.Application {
	j.t.Helper()
	d, err := j.Filing.Open(j.t.Context(), access.Actor{Role: access.Applicant, Account: "alpha", Party: "party-alpha"}, number)
	must(j.t, err)
	return d.Application
}

// goneTo is the application in the address that an answer leads to.
func goneTo(t *testing.T, resp *http.Response, rest string) string {
	t.Helper()
	number := strings.TrimSuffix(strings.TrimPrefix(resp.Header.Get("Location"), "/kk/applications/"), rest)
	if strings.ContainsAny(number, "/?") || number == "" {
		t.Fatalf("went to %s", resp.Header.Get("Location"))
	}
	return number
}

func TestCorrectAndApplyAgain(t *testing.T) {
	j := returned(t)
	old := j.stored(j.number)
	_, resp := j.send(j.at("/again"), nil, http.StatusSeeOther)
	number := goneTo(t, resp, "/check")
	a := j.stored(number)
	if number == old.Number || a.State != application.Draft || a.Subtype != old.Subtype || a.Body != old.Body {
		t.Fatalf("%+v", a)
	}
	for key, value := range old.Answers {
		if want := map[bool]string{false: value}[key == "warning"]; a.Answers[key] != want {
			t.Errorf("%s: %q became %q", key, value, a.Answers[key])
		}
	}
	if len(a.Attached) != 1 || a.Attached[0] != old.Attached[0] {
		t.Errorf("attached: %v", a.Attached)
	}
	checked := j.get("/kk/applications/"+number+"/check", http.StatusOK)
	j.holds(checked, "Example Chemicals Co., Ltd., Shanghai", "шарт.pdf", "/pages/trade?from=check#f-warning", "қайтарылған өтініштің деректерімен толтырылды")
	// One draft only; what was returned stays as it is.
	body, _ := j.send(j.at("/again"), nil, http.StatusConflict)
	j.holds(body, "Сақталған жоба табылды", number)
	if got := j.stored(old.Number); got.Version != old.Version || got.State != application.Returned {
		t.Error("the returned application changed")
	}
	// Deleting the draft first gives a fresh copy, without a document that has left the store.
	i := strings.Index(body, "/kk/applications/"+number+"/delete?")
	if i < 0 {
		t.Fatal("no way to delete the draft")
	}
	ask := j.get(html.UnescapeString(body[i:i+strings.IndexByte(body[i:], '"')]), http.StatusOK)
	j.holds(ask, `name="again" value="`+old.Number+`"`)
	j.send("/kk/documents/"+old.Attached[0].Document+"/delete", nil, http.StatusSeeOther)
	_, resp = j.send("/kk/applications/"+number+"/delete", url.Values{"again": {old.Number}}, http.StatusSeeOther)
	third := j.stored(goneTo(t, resp, "/check"))
	if third.Number == number || third.Answers["seller"] != old.Answers["seller"] || len(third.Attached) != 0 {
		t.Errorf("%s: %v, %v", third.Number, third.Answers, third.Attached)
	}
	// The new one goes all the way.
	j.number = third.Number
	j.fill("trade", trade(), http.StatusSeeOther)
	j.upload(j.at("/documents/contract/upload"), "шарт.pdf", strings.NewReader(pdf), http.StatusSeeOther)
	j.payFee()
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	if got := j.stored(j.number); got.State != application.Issued {
		t.Errorf("it ended as %s", got.State)
	}
}

func TestOnlyOnesOwnReturnedApplicationIsCopied(t *testing.T) {
	j := returned(t)
	path := j.at("/again")
	j.logIn("beta")
	j.send(path, nil, http.StatusNotFound)
	j.logIn("alpha")
	_, resp := j.send(path, nil, http.StatusSeeOther)
	draft := goneTo(t, resp, "/check")
	body, _ := j.send("/kk/applications/"+draft+"/again", nil, http.StatusConflict)
	j.holds(body, "қайтарылған өтініш қана")
	j.send("/kk/applications/KZ98RTL99999999/again", nil, http.StatusNotFound)
}

// The copy stands on the service as it is now.
func TestCopyStandsOnTheNewestRevision(t *testing.T) {
	j := returned(t)
	publish := func(change func(text []byte) []byte) {
		t.Helper()
		folder, err := fs.Sub(os.DirFS("../../../services"), "trade-licence")
		must(t, err)
		src, err := service.ReadSource(folder)
		must(t, err)
		src["service.yaml"] = change(src["service.yaml"])
		_, fresh, err := j.Catalogue.Publish(t.Context(), src, "test")
		must(t, err)
		must(t, j.Catalogue.Load(t.Context()))
		if !fresh {
			t.Fatal("the revision is not new")
		}
	}
	// The seller may not be as long any more.
	publish(func(text []byte) []byte {
		i := bytes.Index(text, []byte("- key: seller\n"))
		if i < 0 {
			t.Fatal("no field seller")
		}
		return append(append(bytes.Clone(text[:i]), []byte("- key: seller\n        max: 10\n")...), text[i+len("- key: seller\n"):]...)
	})
	_, resp := j.send(j.at("/again"), nil, http.StatusSeeOther)
	number := goneTo(t, resp, "/check")
	if got := j.stored(number); got.Revision != 2 || !strings.HasPrefix(got.Answers["seller"], "Example Chemicals") {
		t.Fatalf("revision %d, %q", got.Revision, got.Answers["seller"])
	}
	j.holds(j.get("/kk/applications/"+number+"/check", http.StatusOK), "/pages/trade?from=check#f-seller")
	j.send("/kk/applications/"+number+"/sign", nil, http.StatusUnprocessableEntity)
	// A subtype that is gone is chosen anew.
	j.send("/kk/applications/"+number+"/delete", nil, http.StatusSeeOther)
	publish(func(text []byte) []byte {
		return bytes.Replace(text, []byte("- key: import\n"), []byte("- key: bringing-in\n"), 1)
	})
	_, resp = j.send(j.at("/again"), nil, http.StatusSeeOther)
	if resp.Header.Get("Location") != "/kk/services/trade-licence/order" {
		t.Fatalf("went to %s", resp.Header.Get("Location"))
	}
	j.holds(j.get(resp.Header.Get("Location"), http.StatusOK), "Қызметтің шарттары өзгерген")
}
