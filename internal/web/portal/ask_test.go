package portal

import (
	"net/http"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/casework"
	"elicense/internal/docnumber"
	"elicense/internal/filing"
	"elicense/internal/service"
)

func TestAsk(t *testing.T) {
	s := openSite(t)
	body := s.get("/kk/services/trade-licence/check", http.StatusOK)
	s.holds(body, "Өтініш бермес бұрын", `name="who"`, `value="22.11.2026"`, ">Импорт</option>", `method="get"`)
	s.lacks(body, `id="answer"`, "csrf")
	s.holds(s.get("/kk/services/trade-licence?subtype=export", http.StatusOK), `href="/kk/services/trade-licence/check?subtype=export"`)
	s.holds(s.get("/kk/services/trade-licence/check?subtype=export", http.StatusOK), `<option value="export" selected`)

	body = s.get("/kk/services/trade-licence/check?who=legal_entity&subtype=export&day=22.11.2026", http.StatusOK)
	s.holds(body, "Бұл қызметті алуға болады", "10 АЕК — 43\u00a0250\u00a0₸", "22.11.2026 күнгі 1 АЕК", "2026 жылғы 23 қараша", "Бұл мерзімде есепке алынбайтын күн жоқ",
		"Сыртқы сауда шартының", "Тауар (ЕАЭО СЭҚ ТН коды: …)", `href="/kk/services/trade-licence/order?subtype=export"`, `value="legal_entity" checked`)
	s.lacks(body, "{goods_code}")

	// 15 December 2026 is a Tuesday; the 16th is Independence Day. 1 January 2027 is a holiday, 2 January is one on a Saturday.
	body = s.get("/ru/services/trade-licence/check?who=individual&day=15.12.2026", http.StatusOK)
	s.holds(body, "17 декабря 2026", "16.12.2026", "День Независимости")
	body = s.get("/en/services/trade-licence/check?who=individual&day=31.12.2026", http.StatusOK)
	s.holds(body, "New Year", "day off moved from a holiday", "43,250")

	body = s.get("/ru/services/trade-licence/check?who=individual&day=2027-02-01", http.StatusOK)
	s.holds(body, "10 МРП", "на 2027 год ещё не внесён")
	s.lacks(body, "₸")

	body = s.get("/ru/services/trade-licence/check?who=foreign_legal_entity", http.StatusOK)
	s.holds(body, "Выбранному получателю эта услуга не оказывается", "Юридическое лицо, ")
	s.lacks(body, "/order", "Необходимые документы")

	body = s.get("/kk/services/numbering-resource/check?who=legal_entity", http.StatusOK)
	s.holds(body, "Тегін беріледі", "расталмаған", "Есепке алынбайтын күндер")
	s.holds(s.get("/en/services/advocacy/check?who=individual", http.StatusOK), "cannot be ordered")
	s.get("/kk/services/none/check", http.StatusNotFound)
}

// Every service answers everybody, in every language, without a text missing.
func TestAskEverywhere(t *testing.T) {
	s := openSite(t)
	for _, rev := range s.sortedServices(s.said("kk")) {
		for i, who := range service.Recipients() {
			body := s.get("/"+[]string{"kk", "ru", "en"}[i%3]+"/services/"+rev.Service+"/check?day=20.03.2026&who="+string(who), http.StatusOK)
			s.holds(body, `id="answer"`)
		}
	}
}

func TestAskRefusesNonsense(t *testing.T) {
	s := openSite(t)
	for query, want := range map[string]string{
		"who=":                              "Мәнін таңдаңыз",
		"who=king&day=1.1.2026":             "Мәнін таңдаңыз",
		"who=individual&day=yesterday":      "Күнді 22.11.2026 үлгісімен енгізіңіз",
		"who=individual&day=1.1.2030":       "22.11.2025 мен 22.11.2028",
		"who=individual&day=1.1.0001":       "22.11.2025 мен 22.11.2028",
		"who=individual&day=%22%3E%3Cb%3Ex": "&#34;&gt;&lt;b&gt;x",
	} {
		body := s.get("/kk/services/trade-licence/check?"+query, http.StatusUnprocessableEntity)
		s.holds(body, want)
		s.lacks(body, `id="answer"`)
	}
}

// The answers are those of a draft that is really begun: the same fee, the same documents.
func TestAskAnswersAsADraftDoes(t *testing.T) {
	s := openSite(t)
	s.people()
	s.Filing.Numbers = &docnumber.Allocator{Store: s.store, World: s.world, Node: "test"}
	rev, err := s.Catalogue.Service("trade-licence")
	must(t, err)
	for account, who := range map[string]service.Recipient{"alpha": service.LegalEntity, "beta": service.Individual} {
		actor := access.Actor{Role: access.Applicant, Account: account, Party: "party-" + account}
		for _, subtype := range []string{"import", "export"} {
			number, err := s.Filing.Begin(t.Context(), actor, filing.Start{Service: rev.Service, Subtype: subtype, Body: "mti"})
			must(t, err)
			draft, err := s.Filing.Open(t.Context(), actor, number)
			must(t, err)
			today := draft.Facts.Today
			f, err := s.Filing.Casework.FeeBefore(t.Context(), rev, casework.Before{Operation: rev.Definition.Operations[0], Subtype: subtype, Recipient: who, Day: today})
			must(t, err)
			if draft.Facts.Recipient != who || f.Depends || !f.Known || f.Sum != draft.Facts.FeeDue || f.Sum == 0 {
				t.Errorf("%s, %s: %+v, the draft costs %v", account, subtype, f, draft.Facts.FeeDue)
			}
			body := s.get("/kk/services/trade-licence/check?who="+string(who)+"&subtype="+subtype, http.StatusOK)
			_, documents, _ := strings.Cut(body, "Қажетті құжаттар</h2>")
			documents, _, _ = strings.Cut(documents, "<h2>")
			asked := draft.Required()
			for _, doc := range asked {
				word := map[bool]string{true: "міндетті", false: "бар болса"}[doc.Mandatory]
				s.holds(documents, doc.Document.Name.KK, word)
			}
			if n := strings.Count(documents, "<li>"); n != len(asked) {
				t.Errorf("%s: %d documents on the page, %d in the draft", account, n, len(asked))
			}
			must(t, s.Filing.Delete(t.Context(), actor, number))
		}
	}
}
