package portal

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/application"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// hallService is a made-up service of two operations that differ in fee, term, documents, questions and validity, of one
// that can be ordered later, and of one that the state body begins.
const hallService = `
key: hall
status: open
sphere: services
group: {kk: Залдар, ru: Залы, en: Halls}
name: {kk: Залды пайдалану, ru: Использование зала, en: Use of a hall}
bodies: [mti, cci]
recipients: [legal_entity]
channels: {apply: {portal: true}, issue: {portal: true}}
numbers: {application: RHX, permit: VHX}
operations:
  - key: lasting
    name: {kk: Тұрақты рұқсат, ru: Постоянное разрешение, en: Lasting permit}
    working_days: 5
    fee: 10 * mci
  - key: once
    name: {kk: Біржолғы рұқсат, ru: Разовое разрешение, en: Single permit}
    working_days: 1
    fee: 'operation == "once" ? 0 : mci'
  - {key: extend, does: extend, started_by: body, working_days: 3, name: {kk: Ұзарту, ru: Продление, en: Extension}}
  - {key: revoke, does: terminate, started_by: body, working_days: 3, name: {kk: Қайтарып алу, ru: Отзыв, en: Revocation}}
pages:
  - key: plan
    title: {kk: Жоспар, ru: План, en: Plan}
    when: operation != "once"
    fields:
      - {key: aim, type: text, required: true, label: {kk: Мақсаты, ru: Цель, en: Aim}}
  - key: period
    title: {kk: Мерзім, ru: Срок, en: Period}
    fields:
      - {key: begins, type: date, required: true, label: {kk: Басталуы, ru: Начало, en: Beginning}}
      - {key: event, type: text, required: true, when: operation == "once", label: {kk: Іс-шара, ru: Мероприятие, en: Event}}
      - {key: until, type: computed, of: date, label: {kk: Аяқталуы, ru: Окончание, en: End},
         value: 'operation == "once" ? begins : add_years(begins, 5)'}
checks:
  - field: begins
    rule: operation != "once" || begins > today
    message: {kk: Біржолғы рұқсат ертеңнен басталады, ru: Разовое разрешение действует с завтрашнего дня, en: A single permit begins tomorrow}
documents:
  - key: lease
    name: {kk: Жалдау шарты, ru: Договор аренды, en: Lease}
    required: [legal_entity]
    operations: [lasting]
decision:
  automatic: true
  refuse:
    - key: fee_unpaid
      if: operation == "lasting" && !fee_paid
      ground: {kk: Төленбеген, ru: Не оплачено, en: Not paid}
      act: {kk: Заң, ru: Закон, en: Law}
permit:
  kind: {kk: Рұқсат, ru: Разрешение, en: Permit}
  from: begins
  to: until
  title: {kk: Залға рұқсат, ru: Разрешение на зал, en: Permit for a hall}
  rows:
    - boxes:
        - {no: "1", when: operation == "once", label: {kk: Іс-шара, ru: Мероприятие, en: Event}, value: "{event}"}
        - {no: "2", label: {kk: Мерзімі, ru: Срок, en: Term}, value: "{valid_from} – {valid_to}"}
`

// hall opens a site with the made-up service.
func hall(t *testing.T) *journey {
	t.Helper()
	j := openJourney(t)
	j.publishHall()
	return j
}

func (j *journey) publishHall(pairs ...string) {
	j.t.Helper()
	text := strings.NewReplacer(pairs...).Replace(hallService)
	_, fresh, err := j.Catalogue.Publish(j.t.Context(), service.Source{"service.yaml": []byte(text)}, "test")
	must(j.t, err)
	if !fresh {
		j.t.Fatal("the revision is not new")
	}
}

// orders begins a draft of an operation and gives the page on which its wizard begins.
func (j *journey) orders(operation string) string {
	j.t.Helper()
	_, resp := j.send("/kk/services/hall/order", url.Values{"body": {"mti"}, "operation": {operation}}, http.StatusSeeOther)
	parts := strings.Split(resp.Header.Get("Location"), "/")
	j.number = parts[3]
	return parts[5]
}

func TestPassportOfOperations(t *testing.T) {
	j := hall(t)
	for path, words := range map[string][]string{
		"/kk/services/hall": {"Тұрақты рұқсат", "Біржолғы рұқсат", "тек мыналар үшін: Тұрақты рұқсат", "«Ұзарту»: мемлекеттік органның өзі бастайды",
			"«Қайтарып алу»: мемлекеттік органның өзі бастайды", "10 АЕК", "Тегін беріледі"},
		"/ru/services/hall": {"только для: Постоянное разрешение", "начинает сам государственный орган"},
		"/en/services/hall": {"only for: Lasting permit", "the state body begins it by itself"},
	} {
		j.holds(html.UnescapeString(j.get(path, http.StatusOK)), words...)
	}
	ask := "/kk/services/hall/check?who=legal_entity&operation="
	lasting := j.get(ask+"lasting", http.StatusOK)
	j.holds(lasting, "10 АЕК", "5 жұмыс күні", "Жалдау шарты", `href="/kk/services/hall/order?operation=lasting"`)
	once := j.get(ask+"once", http.StatusOK)
	j.holds(once, "Тегін беріледі", "1 жұмыс күні", "Құжат бекіту талап етілмейді", `href="/kk/services/hall/order?operation=once"`)
	j.lacks(once, "Жалдау шарты")
	later := j.get(ask+"extend", http.StatusOK)
	j.holds(html.UnescapeString(later), "мемлекеттік органның өзі бастайды")
	j.lacks(later, "/order")
	body := j.get(ask+"revoke", http.StatusOK)
	j.holds(body, "мемлекеттік органның өзі бастайды")
	j.lacks(body, "/order", "Қажетті құжаттар")
}

func TestOrderOfAnOperation(t *testing.T) {
	j := hall(t)
	order := "/kk/services/hall/order"
	shown := j.get(order, http.StatusOK)
	j.holds(shown, "Операция", `value="lasting"`, `value="once"`, "5 жұмыс күні")
	j.lacks(shown, `value="extend"`, `value="revoke"`)
	chosen := j.get(order+"?operation=once", http.StatusOK)
	j.holds(chosen, `type="hidden" name="operation" value="once"`, "Біржолғы рұқсат")
	j.lacks(chosen, `value="lasting"`)
	for _, bad := range []string{"", "extend", "revoke", "nothing"} {
		body, _ := j.send(order, url.Values{"body": {"cci"}, "operation": {bad}}, http.StatusUnprocessableEntity)
		j.holds(body, "Мәнін таңдаңыз", `value="cci" checked`, `href="#f-operation"`, `value="once"`)
	}
	body, _ := j.send(order, url.Values{"operation": {"once"}}, http.StatusUnprocessableEntity)
	j.holds(body, `value="once" checked`)
	// Another draft at the same body stands in the way, and the choice is kept over its deletion.
	j.orders("lasting")
	body, _ = j.send(order, url.Values{"body": {"mti"}, "operation": {"once"}}, http.StatusConflict)
	j.holds(body, "Сақталған жоба табылды", "Тұрақты рұқсат", "operation=once")
	j.holds(j.get(j.at("/delete?anew=hall&body=mti&operation=once"), http.StatusOK), `name="operation" value="once"`)
	_, resp := j.send(j.at("/delete"), url.Values{"anew": {"hall"}, "body": {"mti"}, "operation": {"once"}}, http.StatusSeeOther)
	j.number = goneTo(t, resp, "/pages/period")
	if a := j.stored(j.number); a.Operation != "once" {
		t.Errorf("the new draft asks for %s", a.Operation)
	}
	// What was chosen before the session ended stands in the form again.
	j.ended()
	j.late(order, shown, url.Values{"operation": {"once"}, "body": {"cci"}}, http.StatusSeeOther)
	j.again("alpha")
	j.holds(j.get(order, http.StatusOK), `name="operation" value="once"`, `value="cci" checked`)
}

// Two operations of one service, from order to permit.
func TestJourneysOfTwoOperations(t *testing.T) {
	j := hall(t)
	if first := j.orders("once"); first != "period" {
		t.Errorf("the wizard begins at %s", first)
	}
	shown := j.get(j.at("/pages/period"), http.StatusOK)
	j.holds(shown, "1-қадам, барлығы 3", `name="event"`)
	if _, resp := j.fetch(j.at("/pages/plan"), http.StatusSeeOther); resp.Header.Get("Location") != j.at("/check") {
		t.Errorf("a page of another operation went to %s", resp.Header.Get("Location"))
	}
	j.upload(j.at("/documents/lease/upload"), "шарт.pdf", strings.NewReader(pdf), http.StatusNotFound)
	early, _ := j.fill("period", url.Values{"begins": {"22.11.2026"}, "event": {"Той"}}, http.StatusUnprocessableEntity)
	j.holds(early, "Біржолғы рұқсат ертеңнен басталады")
	j.fill("period", url.Values{"begins": {"01.12.2026"}, "event": {"Той"}}, http.StatusSeeOther)
	checked := j.get(j.at("/check"), http.StatusOK)
	j.holds(checked, "Біржолғы рұқсат", "Той")
	j.lacks(checked, "Жоспар", "Жалдау шарты", "₸")
	once := j.granted()
	if once.From.String() != "2026-12-01" || once.To != once.From || once.Values[permit.ValueOperation] != "once" {
		t.Errorf("%+v", once)
	}
	j.boxes(once, true)

	if first := j.orders("lasting"); first != "plan" {
		t.Errorf("the wizard begins at %s", first)
	}
	j.holds(j.get(j.at("/pages/plan"), http.StatusOK), "1-қадам, барлығы 6")
	j.fill("plan", url.Values{"aim": {"Көрме"}}, http.StatusSeeOther)
	j.lacks(j.get(j.at("/pages/period"), http.StatusOK), `name="event"`)
	j.fill("period", url.Values{"begins": {"22.11.2026"}}, http.StatusSeeOther)
	j.holds(j.get(j.at("/check"), http.StatusOK), "Тұрақты рұқсат", "Жалдау шарты", "43 250")
	j.send(j.at("/check"), nil, http.StatusUnprocessableEntity) // without the lease
	j.upload(j.at("/documents/lease/upload"), "шарт.pdf", strings.NewReader(pdf), http.StatusSeeOther)
	j.payFee()
	lasting := j.granted()
	if lasting.From.String() != "2026-11-22" || lasting.To.String() != "2031-11-22" || lasting.Values[permit.ValueOperation] != "lasting" {
		t.Errorf("%+v", lasting)
	}
	j.boxes(lasting, false)
}

// granted signs the draft and gives its permit.
func (j *journey) granted() permit.Permit {
	j.t.Helper()
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	a := j.stored(j.number)
	if a.State != application.Issued {
		j.t.Fatalf("it ended as %s", a.State)
	}
	rev, err := j.Catalogue.Service("hall")
	must(j.t, err)
	operation, _ := rev.Definition.Operation(a.Operation)
	j.holds(j.get(j.at(""), http.StatusOK), operation.Name.KK)
	var p permit.Permit
	must(j.t, j.store.View(j.t.Context(), func(v port.View) (err error) {
		p, err = v.Permits().Permit(j.t.Context(), a.Permit)
		return err
	}))
	return p
}

// boxes holds the permit's page against its operation.
func (j *journey) boxes(p permit.Permit, event bool) {
	j.t.Helper()
	if shown := strings.Contains(j.get("/kk/permits/"+p.Number, http.StatusOK), "Іс-шара"); shown != event {
		j.t.Errorf("%s: the box of the event is shown: %v", p.Number, shown)
	}
}

// What was returned is corrected as the same operation; where that is gone, the person chooses anew.
func TestCorrectionKeepsItsOperation(t *testing.T) {
	j := hall(t)
	j.orders("lasting")
	j.fill("plan", url.Values{"aim": {"Көрме"}}, http.StatusSeeOther)
	j.fill("period", url.Values{"begins": {"01.12.2026"}}, http.StatusSeeOther)
	j.upload(j.at("/documents/lease/upload"), "шарт.pdf", strings.NewReader(pdf), http.StatusSeeOther)
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther) // without the fee
	j.holds(j.get(j.at(""), http.StatusOK), `href="/kk/services/hall/order?operation=lasting"`)
	returned := j.at("/again")
	_, resp := j.send(returned, nil, http.StatusSeeOther)
	j.number = goneTo(t, resp, "/check")
	if a := j.stored(j.number); a.Operation != "lasting" || a.Answers["aim"] != "Көрме" || len(a.Attached) != 1 {
		t.Errorf("%+v", a)
	}
	j.send(j.at("/delete"), nil, http.StatusSeeOther)
	j.publishHall("  - key: lasting\n", "  - key: lasting\n    does: reissue\n")
	_, resp = j.send(returned, nil, http.StatusSeeOther)
	if to := resp.Header.Get("Location"); to != "/kk/services/hall/order" {
		t.Errorf("went to %s", to)
	}
}

// A draft whose operation a new revision does not offer any more says what it asks for now, and is not signed before that was read.
func TestDraftOfADroppedOperation(t *testing.T) {
	j := hall(t)
	j.orders("lasting")
	j.fill("plan", url.Values{"aim": {"Көрме"}}, http.StatusSeeOther)
	j.fill("period", url.Values{"begins": {"01.12.2026"}}, http.StatusSeeOther)
	j.upload(j.at("/documents/lease/upload"), "шарт.pdf", strings.NewReader(pdf), http.StatusSeeOther)
	j.publishHall("  - key: lasting\n", "  - key: lasting\n    started_by: body\n", "does: extend, started_by: body, ", "", "[lasting]", "[extend]", `operation == "lasting" && !fee_paid`, `begins == date("2026-12-25")`)
	for l, words := range map[string]string{
		"kk": "«Тұрақты рұқсат» операциясына енді өтініш берілмейді. Бұл жоба енді мынаған берілетін өтініш: «Біржолғы рұқсат»",
		"ru": "Теперь этот черновик — заявление на операцию «Разовое разрешение»",
		"en": "This draft now applies for “Single permit”",
	} {
		j.holds(html.UnescapeString(j.get("/"+l+"/applications/"+j.number+"/pages/period", http.StatusOK)), words)
	}
	a, moves := j.stored(j.number), j.moves()
	if a.Operation != "once" || len(moves) != 1 || moves[0].Operation != "lasting" || len(a.Attached) != 0 || moves[0].FeeWas == 0 || moves[0].FeeIs != 0 {
		t.Errorf("%+v %+v", a, moves)
	}
	j.fill("period", url.Values{"begins": {"01.12.2026"}, "event": {"Той"}}, http.StatusSeeOther)
	j.send(j.at("/sign"), nil, http.StatusConflict) // the notice was not dismissed
	j.fill("period", url.Values{"begins": {"01.12.2026"}, "event": {"Той"}, "moved": {"2"}}, http.StatusSeeOther)
	j.lacks(html.UnescapeString(j.get(j.at("/check"), http.StatusOK)), "операциясына енді")
	if p := j.granted(); p.Values[permit.ValueOperation] != "once" || p.Values["aim"] != "" {
		t.Errorf("%+v", p.Values)
	}
}
