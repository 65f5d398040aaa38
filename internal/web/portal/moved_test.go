package portal

import (
	"bytes"
	"encoding/json"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/charge"
	"elicense/internal/port"
	"elicense/internal/service"
)

// publish makes a new revision of the trade licence out of pairs of texts: each first one is replaced with the second.
func (j *journey) publish(pairs ...string) {
	j.t.Helper()
	folder, err := fs.Sub(os.DirFS("../../../services"), "trade-licence")
	must(j.t, err)
	src, err := service.ReadSource(folder)
	must(j.t, err)
	text := src["service.yaml"]
	for i := 0; i+1 < len(pairs); i += 2 {
		if !bytes.Contains(text, []byte(pairs[i])) {
			j.t.Fatalf("the definition has no %q", pairs[i])
		}
		text = bytes.Replace(text, []byte(pairs[i]), []byte(pairs[i+1]), 1)
	}
	src["service.yaml"] = text
	_, fresh, err := j.Catalogue.Publish(j.t.Context(), src, "test")
	must(j.t, err)
	if !fresh {
		j.t.Fatal("the revision is not new")
	}
}

// What the tests change: a question goes, another comes, the fee doubles.
const (
	once, twice = "fee: 10 * mci", "fee: 20 * mci"
)

// otherSeller is the change by which the question of the seller goes and that of a trader comes.
func otherSeller(more ...string) []string {
	return append([]string{"- key: seller\n", "- key: trader\n", "{seller}", "{trader}"}, more...)
}

func (j *journey) alpha() access.Actor {
	return access.Actor{Role: access.Applicant, Account: "alpha", Party: "party-alpha"}
}

func (j *journey) moves() []application.Move {
	j.t.Helper()
	var list []application.Move
	must(j.t, j.store.View(j.t.Context(), func(v port.View) (err error) {
		list, err = v.Services().Moves(j.t.Context(), j.number)
		return err
	}))
	return list
}

func TestDraftMovesToTheNewestRevision(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	old := j.stored(j.number)
	action := j.signingAction() // prepared under the first revision
	j.publish(otherSeller(once, twice)...)
	// Nobody opened the draft: what was prepared counts for nothing, and the draft stays one.
	j.send(action, url.Values{"cms": {"good"}}, http.StatusConflict)
	body := j.get(j.at("/pages/trade"), http.StatusOK)
	j.holds(html.UnescapeString(body), "Қызмет көрсету шарттары өзгерді", "Жаңа сұрақтар", "Енді сұралмайды", "Бұрын 43 250", "енді 86 500", "Жаңа немесе қайта жауап беруді",
		`name="moved" value="2"`, `/kk/services/trade-licence/revisions/2`)
	for _, step := range []string{"/documents", "/payment"} {
		j.holds(j.get(j.at(step), http.StatusOK), "Қызмет көрсету шарттары өзгерді", "Енді сұралмайды")
	}
	for l, words := range map[string]string{"ru": "Изменились условия оказания услуги", "en": "The conditions of the service changed"} {
		j.holds(j.get(strings.Replace(j.at("/pages/trade"), "/kk/", "/"+l+"/", 1), http.StatusOK), words)
	}
	a, moves := j.stored(j.number), j.moves()
	if a.Revision != 2 || a.Version <= old.Version || a.State != application.Draft || len(moves) != 1 {
		t.Fatalf("%+v %+v", a, moves)
	}
	for key, value := range old.Answers {
		want := value
		if key == "seller" {
			want = ""
		}
		if a.Answers[key] != want {
			t.Errorf("%s: %q became %q", key, value, a.Answers[key])
		}
	}
	if m := moves[0]; m.Aside["seller"] != old.Answers["seller"] || len(m.Fields) != 1 || m.Fields[0] != "trader" || m.FeeWas != 4325000 || m.FeeIs != 8650000 || m.FeePaid || len(m.Detached) != 0 {
		t.Errorf("%+v", m)
	}
	j.send(action, url.Values{"cms": {"good"}}, http.StatusConflict)
	// What is not asked any more stands on the check; signing waits until the notice was seen.
	checked := j.get(j.at("/check"), http.StatusOK)
	j.holds(checked, "Енді сұралмайтын мәліметтер", old.Answers["seller"], "/pages/trade?from=check#f-trader")
	values := trade()
	values.Del("seller")
	values.Set("trader", "Жаңа сатушы")
	values.Set("moved", "2")
	j.fill("trade", values, http.StatusSeeOther)
	if m := j.moves(); m[0].SeenAt.IsZero() {
		t.Error("going on did not dismiss the notice")
	}
	j.lacks(j.get(j.at("/check"), http.StatusOK), "Қызмет көрсету шарттары өзгерді")
	// The same question asked again finds its answer.
	j.publish(once, "fee: 30 * mci")
	again := j.stored(j.number)
	if again.Answers["seller"] != old.Answers["seller"] || again.Revision != 3 {
		t.Errorf("revision %d, %q", again.Revision, again.Answers["seller"])
	}
	j.holds(j.get(j.at(""), http.StatusOK), "Жоба қызметтің жаңа редакциясына көшірілді")
}

// What was typed into a page of the older revision is kept, also where its question is gone.
func TestTypedBeforeTheMove(t *testing.T) {
	j := openJourney(t)
	j.begin()
	shown := hidden(t, j.get(j.at("/pages/trade"), http.StatusOK), "version")
	j.publish(otherSeller()...)
	values := trade()
	values.Set("version", shown)
	values.Set("seller", "Соңғы сәтте жазылған")
	told, _ := j.send(j.at("/pages/trade/autosave"), values, http.StatusConflict)
	var answer autosaved
	must(t, json.Unmarshal([]byte(told), &answer))
	if answer.Href != j.at("/pages/trade") || answer.Message == "" {
		t.Errorf("%+v", answer)
	}
	values.Set("seller", "Одан да кейін")
	_, resp := j.send(j.at("/pages/trade"), values, http.StatusSeeOther)
	if resp.Header.Get("Location") != j.at("/pages/trade") {
		t.Errorf("went to %s", resp.Header.Get("Location"))
	}
	a := j.stored(j.number)
	if a.Revision != 2 || a.Answers["contract_number"] != trade().Get("contract_number") || a.Answers["seller"] != "" || j.moves()[0].Aside["seller"] != "Одан да кейін" {
		t.Errorf("%v, aside %v", a.Answers, j.moves()[0].Aside)
	}
	// Deleting the draft erases what was set aside too.
	j.send(j.at("/delete"), nil, http.StatusSeeOther)
	if len(j.moves()) != 0 {
		t.Error("answers of a deleted draft are kept")
	}
}

// A fee that was paid before the change stays paid; an invoice that was not gets the new sum.
func TestFeeOfAMovedDraft(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	j.payFee()
	j.publish(once, twice)
	j.holds(j.get(j.at("/check"), http.StatusOK), "қосымша төлеудің қажеті жоқ", "43 250")
	d, err := j.Filing.Open(t.Context(), j.alpha(), j.number)
	must(t, err)
	if !d.Facts.FeePaid || d.Invoice.State != charge.Paid || d.Invoice.Amount != 4325000 {
		t.Errorf("%+v", d.Invoice)
	}
	_, resp := j.send(j.at("/check"), url.Values{"moved": {"2"}}, http.StatusSeeOther)
	if resp.Header.Get("Location") != j.at("/sign") {
		t.Fatalf("went to %s", resp.Header.Get("Location"))
	}
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	if got := j.stored(j.number); got.State != application.Issued || got.Revision != 2 || got.Decision.Revision != 2 {
		t.Errorf("%s %d %+v", got.State, got.Revision, got.Decision)
	}

	due := openJourney(t)
	due.prepared()
	due.send(due.at("/payment"), nil, http.StatusSeeOther)
	before, _, err := due.Billing.Status(t.Context(), due.alpha(), due.number)
	must(t, err)
	due.publish(once, twice)
	due.get(due.at("/payment"), http.StatusOK)
	after, ok, err := due.Billing.Status(t.Context(), due.alpha(), due.number)
	must(t, err)
	if !ok || after.ID != before.ID || after.Amount != 8650000 || after.State != charge.Due {
		t.Errorf("%+v became %+v", before, after)
	}
}

// A submitted application stays on its own revision.
func TestSubmittedStaysOnItsRevision(t *testing.T) {
	j := returned(t)
	before := j.stored(j.number)
	j.publish(otherSeller()...)
	body := j.get(j.at(""), http.StatusOK)
	j.holds(body, before.Answers["seller"])
	if got := j.stored(j.number); got.Revision != 1 || got.Version != before.Version || len(j.moves()) != 0 {
		t.Errorf("%+v", got)
	}
}

// A service that cannot be ordered any more keeps the draft readable and says why it cannot be sent.
func TestDraftOfAClosedService(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	j.publish("status: open", "status: announced")
	j.send(j.at("/check"), nil, http.StatusUnprocessableEntity)
	if got := j.stored(j.number); got.Revision != 1 || len(got.Answers) == 0 {
		t.Errorf("%+v", got)
	}
}

func TestPageOfARevision(t *testing.T) {
	j := openJourney(t)
	j.publish(otherSeller(once, twice)...)
	path := "/services/trade-licence/revisions/"
	first, second := j.get("/kk"+path+"1", http.StatusOK), j.get("/kk"+path+"2", http.StatusOK)
	j.holds(html.UnescapeString(first), "1-редакция", "Қазір № 2 редакция қолданыста", "Алғашқы редакция")
	j.lacks(first, "/order", "айырмашылығы</h2>")
	newest, err := j.Catalogue.Service("trade-licence")
	must(t, err)
	j.holds(html.UnescapeString(second), newest.Digest, "қолданыстағы редакциясы", "«10 * mci» деген «20 * mci» дегенге өзгерді", "Алып тасталды")
	for l, words := range map[string]string{"ru": "Редакция № 2", "en": "Revision 2"} {
		j.holds(j.get("/"+l+path+"2", http.StatusOK), words)
	}
	j.holds(j.get("/kk/services/trade-licence", http.StatusOK), `href="/kk`+path+`2"`)
	for _, bad := range []string{"3", "0", "-1", "01", "x", "99999999999999999999"} {
		j.get("/kk"+path+bad, http.StatusNotFound)
	}
	j.get("/kk/services/none/revisions/1", http.StatusNotFound)
}
