package app_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/testkit/site"
)

const orderOfSuccession = "/kk/services/medical-activity/order"

// asksSuccession sends the form in which the successor names the licence and its holder.
func asksSuccession(b *site.Browser, permit, holder string) site.Answer {
	return b.Post(orderOfSuccession, url.Values{"operation": {"succession"}, "permit": {permit}, "holder": {holder}})
}

// A legal entity is reorganised: its successor, who has another BIN, names its licence and is given one of its own with what stood in it.
// Each of the two reads their own licence only, and the former holder is told.
func TestLicenceOfAReorganisedHolder(t *testing.T) {
	h := openLicensee(t)
	first, heir := h.issued(), h.Organisation(2)
	holder, b := h.LogIn(h.owner), h.LogIn(heir)
	bin := h.owner.Account.Party.Number
	if got := b.Get(orderOfSuccession + "?operation=succession").Body; !strings.Contains(got, `id="f-permit"`) || !strings.Contains(got, `id="f-holder"`) {
		t.Error("the page does not ask for the licence and its holder")
	}
	if strings.Contains(holder.Get("/kk/permits/"+first).Body, "operation=succession") {
		t.Error("the holder is offered to succeed themselves")
	}
	refused := h.App.Texts.In(lang.KK).T(filing.KeyNotSucceeded)
	for what, x := range map[string]struct {
		who             *site.Browser
		permit, holder  string
		says, typedKept string
	}{
		"an unknown licence": {b, "KZ00LMD00009999", bin, refused, "KZ00LMD00009999"},
		"another's BIN":      {b, first, heir.Account.Party.Number, refused, heir.Account.Party.Number},
		"no number":          {b, "", bin, "Бұл өрісті толтырыңыз", bin},
		"no BIN":             {b, first, "", "Бұл өрісті толтырыңыз", first},
		"one's own":          {holder, first, bin, refused, first},
	} {
		got := asksSuccession(x.who, x.permit, x.holder)
		if got.Status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(got.Body), x.says) || !strings.Contains(got.Body, `value="`+x.typedKept+`"`) {
			t.Errorf("%s: %d", what, got.Status)
		}
	}
	if got := asksSuccession(b, "", ""); !strings.Contains(got.Body, `href="#f-permit"`) || !strings.Contains(got.Body, `href="#f-holder"`) {
		t.Error("not both are asked for at once")
	}
	got := asksSuccession(b, strings.ToLower(first[:4]+" "+first[4:]), bin)
	done(t, got)
	if strings.Contains(got.Location(), bin) {
		t.Error("a BIN stands in an address")
	}
	number := strings.Split(got.Location(), "/")[3]
	after := h
	after.owner = heir
	heir.Answer(number, clinic(map[string]string{"holder_name": "«Мирасқор» ЖШС", "holder_address": "Астана қ., Мәңгілік Ел 10"}), "transfer_deed")
	heir.Settle(number)
	after.send(number)

	rival := h.begin("reissue", first, clinic(map[string]string{"reissue_reason": "reorganisation"}), "change_proof")
	if _, err := h.owner.Send(rival); !fault.Is(err, "store.permit-busy") {
		t.Errorf("the holder asks for the same licence meanwhile: %v", err)
	}
	if got := h.executor.Get("/kk/applications/" + number).Body; !strings.Contains(got, "Бұрынғы иеленуші") || !strings.Contains(got, bin) {
		t.Error("the officials do not see whose licence it was")
	}
	second := after.grant(number, "succession").Permit
	h.succeeded(heir, holder, b, first, second, number)
	must(t, h.App.Notices.Work(t.Context()))
	if got := holder.Get("/kk/notices").Body; !strings.Contains(got, first+" рұқсаты: қайта ресімделді") {
		t.Error("the former holder is not told")
	}
	h.Clean()
}

// succeeded demands that each of the two has their own licence.
func (h licensee) succeeded(heir *site.Applicant, holder, b *site.Browser, first, second, number string) {
	h.t.Helper()
	old, _ := h.standing(first)
	p, _ := h.standing(second)
	if old.Standing.State != permit.Reissued || old.Standing.Successor != second || old.Party == heir.Account.Party.ID {
		h.t.Errorf("the old licence: %+v", old.Standing)
	}
	if p.Party != heir.Account.Party.ID || p.HolderNumber != heir.Account.Party.Number || p.Replaces != first || p.First.IsZero() || len(p.Standing.Appendices) != 1 || p.Standing.Appendices[0].Values["holder_name"] != "«Мирасқор» ЖШС" {
		h.t.Errorf("the new licence: %+v", p)
	}
	for _, x := range []struct {
		who    *site.Browser
		path   string
		status int
		names  string
		not    string
	}{
		{holder, "/kk/permits/" + first, http.StatusOK, second, `href="/kk/permits/` + second},
		{holder, "/kk/permits/" + first, http.StatusOK, number, `href="/kk/applications/` + number},
		{holder, "/kk/permits/" + second, http.StatusNotFound, "", heir.Account.Party.Number},
		{b, "/kk/permits/" + second, http.StatusOK, first, `href="/kk/permits/` + first},
		{b, "/kk/permits/" + first, http.StatusNotFound, "", h.owner.Account.Party.Number},
		{b, "/kk/applications/" + number, http.StatusOK, "/kk/permits/" + second, `href="/kk/permits/` + first},
		{holder, "/kk/applications/" + number, http.StatusNotFound, "", second},
	} {
		got := x.who.Get(x.path)
		if got.Status != x.status || !strings.Contains(got.Body, x.names) || strings.Contains(got.Body, x.not) {
			h.t.Errorf("%s: %d", x.path, got.Status)
		}
	}
	if a := h.Application(number); a.State != application.Issued || a.Permit != second {
		h.t.Errorf("%s %s", a.State, a.Permit)
	}
}
