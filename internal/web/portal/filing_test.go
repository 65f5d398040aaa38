package portal

import (
	"bytes"
	"context"
	"html"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/account"
	"elicense/internal/billing"
	"elicense/internal/blob"
	"elicense/internal/cases"
	"elicense/internal/charge"
	"elicense/internal/docnumber"
	"elicense/internal/documents"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/signing"
)

// journey is a site on which the whole wizard works, with a verifier and a gateway that do as they are told.
type journey struct {
	*site
	verifier *tellingVerifier
	number   string
}

// tellingVerifier accepts the text "good" as the signature of the representative of alpha.
type tellingVerifier struct{ revocation port.Revocation }

func (v *tellingVerifier) Verify(_ context.Context, content, signature []byte, at time.Time) (port.Signature, error) {
	if string(signature) != "good" {
		return port.Signature{}, fault.New(fault.Invalid, "signature.wrong")
	}
	return port.Signature{
		CMS: signature, Digest: strings.Repeat("a", 64), Certificate: []byte("certificate"), Fingerprint: strings.Repeat("b", 64), Serial: "1234abcd", Algorithm: "RSA-SHA256",
		NotBefore: at.AddDate(-1, 0, 0), NotAfter: at.AddDate(1, 0, 0), Revocation: v.revocation, At: at,
		Signer: port.Signer{IIN: siteIIN, BIN: siteBIN, Surname: "ҮЛГІБАЕВ", GivenName: "ЕРЛАН", Patronymic: "МАРАТҰЛЫ", Organisation: "«Үлгі Сауда» ЖШС", Roles: []port.SignerRole{port.RoleLegalEntity, port.RoleHead}},
	}, nil
}

func (v *tellingVerifier) Recheck(context.Context, []byte, time.Time) (port.Revocation, []port.Evidence, error) {
	return v.revocation, nil, nil
}

// plainGateway writes a notice as "invoice receipt" and signs it "good".
type plainGateway struct{}

func (plainGateway) Address(i charge.Invoice, _ lang.Lang, back string) (string, error) {
	return "https://pay.example/?" + url.Values{"invoice": {i.ID}, "back": {back}}.Encode(), nil
}

func (plainGateway) Notice(body []byte, signature string, now time.Time) (charge.Notice, error) {
	if signature != "good" {
		return charge.Notice{}, fault.New(fault.Denied, "payment.forged")
	}
	invoice, receipt, _ := strings.Cut(string(body), " ")
	return charge.Notice{ID: "notice-" + receipt, Invoice: invoice, Outcome: charge.Settled, Amount: 4325000, Currency: "KZT", Receipt: receipt, At: now}, nil
}

type noJobs struct{}

func (noJobs) Wake() {}

func openJourney(t *testing.T) *journey {
	t.Helper()
	s := openSite(t)
	s.people()
	files, err := blob.Open(t.TempDir())
	must(t, err)
	j := &journey{site: s, verifier: &tellingVerifier{revocation: port.RevocationGood}}
	s.Documents = documents.New(s.store, s.world, files, nil)
	s.Billing = billing.New(s.store, s.world, plainGateway{})
	s.Accounts, err = account.New(s.store, s.world, j.verifier, account.Settings{Origin: s.Origin, Environment: "test"})
	must(t, err)
	s.Renderer, s.Signing = sitePaper{}, &signing.Signing{Server: s.Server, Agent: "ws://127.0.0.1:13579/", Waiting: s.Accounts.Waiting}
	s.Filing.Verifier, s.Filing.Jobs, s.Filing.Environment = j.verifier, noJobs{}, "test"
	s.Filing.Numbers = &docnumber.Allocator{Store: s.store, World: s.world, Node: "test"}
	j.goods()
	s.Server.Routes = append(s.Routes(), web.Route{Pattern: "GET /{lang}/door/{account}", Policy: web.Public, Handle: func(w http.ResponseWriter, r *web.Request) error {
		if err := s.Server.LogIn(r, r.PathValue("account"), "mark"); err != nil {
			return err
		}
		return s.Server.Go(w, r, r.Link("/"))
	}})
	handler, err := s.Server.Handler()
	must(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.logIn("alpha")
	return j
}

// goods imports the list of licensed goods.
func (j *journey) goods() {
	j.t.Helper()
	folder, err := fs.Sub(os.DirFS("../../../services"), "trade-licence")
	must(j.t, err)
	src, err := service.ReadSource(folder)
	must(j.t, err)
	rev, err := j.Catalogue.Service("trade-licence")
	must(j.t, err)
	rows, err := cases.Rows(rev, src)
	must(j.t, err)
	for name, part := range rows {
		dir, _ := rev.Definition.Directory(name)
		must(j.t, j.Reference.Import(j.t.Context(), reference.Key(rev.Service, name), &dir, part, "test"))
	}
}

// send posts a form as a browser without a script does and gives the answer; the token is the session's.
func (j *journey) send(path string, values url.Values, status int) (string, *http.Response) {
	j.t.Helper()
	values = copied(values)
	values.Set("csrf_token", j.token())
	req, err := http.NewRequestWithContext(j.t.Context(), http.MethodPost, j.url+path, strings.NewReader(values.Encode()))
	must(j.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := j.http.Do(req)
	must(j.t, err)
	return j.read(resp, path, status)
}

func copied(v url.Values) url.Values {
	out := url.Values{}
	for k, list := range v {
		out[k] = list
	}
	return out
}

func (j *journey) token() string {
	j.t.Helper()
	return hidden(j.t, j.get("/kk/documents", http.StatusOK), "csrf_token")
}

// hidden gives the value of a hidden field.
func hidden(t *testing.T, body, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no hidden field %s", name)
	}
	return html.UnescapeString(m[1])
}

// holds demands texts on a page; the spaces within figures do not break.
func (j *journey) holds(body string, texts ...string) {
	j.t.Helper()
	j.site.holds(strings.ReplaceAll(body, "\u00a0", " "), texts...)
}

// begin starts a draft and remembers its number.
func (j *journey) begin() {
	j.t.Helper()
	_, resp := j.send("/kk/services/trade-licence/order", url.Values{"body": {"mti"}, "subtype": {"import"}}, http.StatusSeeOther)
	parts := strings.Split(resp.Header.Get("Location"), "/")
	if len(parts) != 6 || parts[5] != "personal" {
		j.t.Fatalf("went to %s", resp.Header.Get("Location"))
	}
	j.number = parts[3]
}

func (j *journey) at(rest string) string { return "/kk/applications/" + j.number + rest }

// fill posts a page of the wizard on the base that is stored.
func (j *journey) fill(pageKey string, values url.Values, status int) (string, *http.Response) {
	j.t.Helper()
	values = copied(values)
	values.Set("version", hidden(j.t, j.get(j.at("/pages/"+pageKey), http.StatusOK), "version"))
	if !values.Has("go") {
		values.Set("go", "next")
	}
	return j.send(j.at("/pages/"+pageKey), values, status)
}

func personal() url.Values {
	return url.Values{"small_business": {"no"}, "representative_name": {"Үлгібаев Ерлан Маратұлы"}, "city": {"711210000"}, "city.q": {""}, "postal_index": {"010000"},
		"street_ru": {"Мәңгілік Ел"}, "house": {"8"}, "phones": {"+7 7172 12 34 56"}}
}

func trade() url.Values {
	return url.Values{"permit_kind": {"import"}, "applicant_name": {"«Үлгі Сауда» ЖШС"}, "seller": {"Example Chemicals Co., Ltd., Shanghai"}, "seller_country": {"CN"},
		"dispatch_country": {"CN"}, "start_date": {"01.12.2026"}, "end_date": {"31.12.2026"}, "contract_number": {"KZ-26/118"}, "contract_date": {"15.10.2026"},
		"currency": {"USD"}, "value": {"48 000,00"}, "statistical_value": {"48 000,00"}, "origin_country": {"CN"}, "quantity": {"12 000"}, "unit": {"166"},
		"goods_code": {""}, "goods_code.q": {"2903 71 000 0"}, "surname": {"Үлгібаев"}, "given_name": {"Ерлан"}, "position": {"Директор"}, "phone": {"8 701 123 45 67"}, "warning": {"yes"}}
}

// pdf is the smallest file that the store takes for one.
const pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000053 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n101\n%%EOF\n"

// upload posts a file to an upload form.
func (j *journey) upload(path, file string, content io.Reader, status int) (string, *http.Response) {
	j.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(j.t, form.WriteField("csrf_token", "ignored: the one in the address counts"))
	must(j.t, form.WriteField("name", "Сыртқы сауда шарты"))
	part, err := form.CreateFormFile("file", file)
	must(j.t, err)
	_, err = io.Copy(part, content)
	must(j.t, err)
	must(j.t, form.Close())
	req, err := http.NewRequestWithContext(j.t.Context(), http.MethodPost, j.url+path+"?csrf_token="+j.token(), &body)
	must(j.t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := j.http.Do(req)
	must(j.t, err)
	return j.read(resp, path, status)
}

// pay pays the fee as the gateway and the browser do.
func (j *journey) payFee() {
	j.t.Helper()
	_, resp := j.send(j.at("/payment"), nil, http.StatusSeeOther)
	gateway, err := url.Parse(resp.Header.Get("Location"))
	must(j.t, err)
	if gateway.Host != "pay.example" || gateway.Query().Get("back") != j.Origin+j.at("/payment/return") {
		j.t.Fatalf("went to %s", gateway)
	}
	if got := j.notice(gateway.Query().Get("invoice")+" R-1", "good"); got != http.StatusOK {
		j.t.Fatalf("the notice was answered %d", got)
	}
}

func (j *journey) notice(body, signature string) int {
	j.t.Helper()
	req, err := http.NewRequestWithContext(j.t.Context(), http.MethodPost, j.url+"/callbacks/payment", strings.NewReader(body))
	must(j.t, err)
	req.Header.Set("Payment-Signature", signature)
	resp, err := http.DefaultClient.Do(req)
	must(j.t, err)
	must(j.t, resp.Body.Close())
	return resp.StatusCode
}

// prepared fills a draft in as far as the check.
func (j *journey) prepared() {
	j.t.Helper()
	j.begin()
	j.fill("personal", personal(), http.StatusSeeOther)
	j.fill("trade", trade(), http.StatusSeeOther)
	j.upload(j.at("/documents/contract/upload"), "шарт.pdf", strings.NewReader(pdf), http.StatusSeeOther)
}

// signingAction is where the signature is sent.
func (j *journey) signingAction() string {
	j.t.Helper()
	body := j.get(j.at("/sign"), http.StatusOK)
	return action(j.t, html.UnescapeString(body), j.at("/sign?challenge="))
}

func TestJourneyFromOrderToLicence(t *testing.T) {
	j := openJourney(t)
	j.holds(j.get("/kk/services/trade-licence/order?subtype=import", http.StatusOK), "Мемлекеттік органды таңдаңыз", `value="mti" checked`, `name="subtype" value="import"`)
	j.begin()
	j.holds(j.get(j.at("/pages/personal"), http.StatusOK), "1-қадам, барлығы 6", "Жеке деректерді толтырыңыз", "Сақтап, кейін оралу")
	_, resp := j.fill("personal", personal(), http.StatusSeeOther)
	if resp.Header.Get("Location") != j.at("/pages/trade") {
		t.Fatalf("went to %s", resp.Header.Get("Location"))
	}
	j.fill("trade", trade(), http.StatusSeeOther)
	j.holds(j.get(j.at("/documents"), http.StatusOK), "Бекітілмеген", "Міндетті емес")
	refused, _ := j.send(j.at("/documents"), url.Values{"go": {"next"}}, http.StatusUnprocessableEntity)
	j.holds(refused, "Құжатты бекітіңіз")
	j.upload(j.at("/documents/contract/upload"), "шарт.pdf", strings.NewReader(pdf), http.StatusSeeOther)
	file, resp := j.fetch(j.at("/documents/contract/file"), http.StatusOK)
	if file != pdf || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the attached file came back as %q, %v", file, resp.Header)
	}
	j.holds(j.get(j.at("/payment"), http.StatusOK), "43 250 ₸ (10 АЕК)", "бас тарту", "Төлемей жалғастыру")
	j.payFee()
	j.holds(j.get(j.at("/payment/return"), http.StatusOK), "Төлем қабылданды", "R-1")
	checked := j.get(j.at("/check"), http.StatusOK)
	j.holds(checked, "Example Chemicals Co., Ltd., Shanghai", "2903710000", "01.12.2026", "шарт.pdf", "from=check#f-seller", "R-1")
	j.lacks(checked, "Сатып алушы", "error-summary")
	j.send(j.at("/check"), url.Values{"go": {"next"}}, http.StatusSeeOther)
	j.holds(j.get(j.at("/sign"), http.StatusOK), "Үлгі Сауда", "SHA-256", siteBIN)
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	done := j.get(j.at(""), http.StatusOK)
	j.holds(done, "Берілген", "Рұқсат беру құжатын ашу", "ҮЛГІБАЕВ ЕРЛАН МАРАТҰЛЫ", "Бас тартуға негіз анықталған жоқ", "Квоталар есебі", "Өтініш жіберілді", j.number)
	for _, l := range []string{"ru", "en"} {
		other := j.get("/"+l+"/applications/"+j.number, http.StatusOK)
		j.holds(other, "Example Chemicals")
	}
	j.holds(j.get(j.at("/download"), http.StatusOK), "%PDF-", j.number)
	// What was sent cannot be changed, and the wizard leads to what became of it.
	j.send(j.at("/pages/trade"), trade(), http.StatusConflict)
	_, resp = j.fetch(j.at("/pages/trade"), http.StatusSeeOther)
	if resp.Header.Get("Location") != j.at("") {
		t.Errorf("went to %s", resp.Header.Get("Location"))
	}
}

func TestUnpaidApplicationIsReturned(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	j.holds(j.get(j.at("/sign"), http.StatusOK), "Алым төленбеген")
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	ru := j.get("/ru/applications/"+j.number, http.StatusOK)
	j.holds(ru, "Лицензионный сбор не уплачен", "Лицензиялық алым өтініш берілгенге дейін төленбеген", `lang="kk"`, "fee_unpaid", "Исправить и подать заново", "статья 91", "статья 92")
	j.holds(j.get("/en/applications/"+j.number, http.StatusOK), "The licence fee was not paid", "Лицензионный сбор не уплачен", "Лицензиялық алым")
}

func TestUnknownRevocationIsExplained(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	j.verifier.revocation = port.RevocationUnknown
	j.send(j.signingAction(), url.Values{"cms": {"good"}}, http.StatusSeeOther)
	j.holds(j.get(j.at(""), http.StatusOK), "Қол қойылуда", "Қайта қол қоюдың қажеті жоқ", "Тексерілуде")
	// It is neither deleted nor begun anew meanwhile.
	again, _ := j.send("/kk/services/trade-licence/order", url.Values{"body": {"mti"}, "subtype": {"import"}}, http.StatusConflict)
	j.holds(again, "қол қойылуда")
	j.send(j.at("/delete"), nil, http.StatusConflict)
}

func TestRefusedSignatureIsExplainedWithAFreshDocument(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	first := j.signingAction()
	body, _ := j.send(first, url.Values{"cms": {"bad"}}, http.StatusUnprocessableEntity)
	j.holds(body, "Қолтаңба дұрыс емес", "Қате:")
	if second := action(t, html.UnescapeString(body), j.at("/sign?challenge=")); second == first {
		t.Error("the document to be signed is the same")
	}
	body, _ = j.send(first, url.Values{"cms": {""}}, http.StatusUnprocessableEntity)
	j.holds(body, "Қате:")
	// An application that changed after it was prepared says so.
	values := personal()
	values.Set("house", "9")
	j.fill("personal", values, http.StatusSeeOther)
	body, _ = j.send(first, url.Values{"cms": {"good"}}, http.StatusConflict)
	j.holds(body, "өтініш өзгертілген")
	// Another browser session did not ask for this document.
	j.logIn("alpha")
	j.send(first, url.Values{"cms": {"good"}}, http.StatusGone)
}

func TestProblemsLeadBackToTheCheck(t *testing.T) {
	j := openJourney(t)
	j.begin()
	_, resp := j.fetch(j.at("/sign"), http.StatusSeeOther)
	if resp.Header.Get("Location") != j.at("/check") {
		t.Fatalf("went to %s", resp.Header.Get("Location"))
	}
	body := j.get(j.at("/check"), http.StatusOK)
	j.holds(body, "Пошта индексі: Бұл өрісті толтырыңыз", "/pages/personal?from=check#f-postal_index", "/documents/contract")
	body, _ = j.send(j.at("/check"), url.Values{"go": {"next"}}, http.StatusUnprocessableEntity)
	j.holds(body, "Қате:")
	_, resp = j.send(j.at("/pages/personal?from=check"), func() url.Values {
		v := personal()
		v.Set("version", hidden(t, j.get(j.at("/pages/personal"), http.StatusOK), "version"))
		return v
	}(), http.StatusSeeOther)
	if resp.Header.Get("Location") != j.at("/check") {
		t.Errorf("a change from the check went to %s", resp.Header.Get("Location"))
	}
}

func TestWrongAnswersAreKept(t *testing.T) {
	j := openJourney(t)
	j.begin()
	values := personal()
	values.Set("postal_index", "01 <0>")
	values.Set("house", "")
	body, _ := j.fill("personal", values, http.StatusUnprocessableEntity)
	j.holds(body, "Қате:", `href="#f-postal_index"`, `href="#f-house"`, "01 &lt;0&gt;", "010000 немесе")
	j.holds(j.get(j.at("/pages/personal"), http.StatusOK), "01 &lt;0&gt;", "Мәңгілік Ел")
	// Back and later keep without judging.
	values.Set("house", "№?")
	values.Set("go", "later")
	_, resp := j.fill("personal", values, http.StatusSeeOther)
	if resp.Header.Get("Location") != "/kk/applications" {
		t.Errorf("went to %s", resp.Header.Get("Location"))
	}
	j.holds(j.get(j.at("/pages/personal"), http.StatusOK), "№?")
	// The definition's own checks speak its own words.
	wrong := trade()
	wrong.Set("end_date", "01.11.2026")
	body, _ = j.fill("trade", wrong, http.StatusUnprocessableEntity)
	j.holds(body, "Аяқталу күні басталу күнінен ерте болмауы тиіс")
}

func TestTheOtherKindBringsUpItsFields(t *testing.T) {
	j := openJourney(t)
	j.begin()
	j.lacks(j.get(j.at("/pages/trade"), http.StatusOK), `name="buyer"`)
	j.fill("trade", trade(), http.StatusSeeOther)
	values := trade()
	values.Set("permit_kind", "export")
	_, resp := j.fill("trade", values, http.StatusSeeOther)
	if got := resp.Header.Get("Location"); !strings.HasPrefix(got, j.at("/pages/trade?changed=1")) || !strings.HasSuffix(got, "#f-buyer") {
		t.Fatalf("went to %s", got)
	}
	body := j.get(j.at("/pages/trade?changed=1"), http.StatusOK)
	j.holds(body, `name="buyer"`, "өрістері өзгерді")
	j.lacks(body, `name="seller"`)
	// Going back to the first kind finds what was typed there.
	j.fill("trade", url.Values{"permit_kind": {"import"}}, http.StatusSeeOther)
	j.holds(j.get(j.at("/pages/trade"), http.StatusOK), "Example Chemicals Co., Ltd., Shanghai")
}

func TestFindWorksWithoutAScript(t *testing.T) {
	j := openJourney(t)
	j.begin()
	values := trade()
	values.Set("goods_code.q", "290371")
	values.Set("find", "goods_code")
	values.Del("go")
	_, resp := j.fill("trade", values, http.StatusSeeOther)
	address := resp.Header.Get("Location")
	if !strings.HasSuffix(address, "#f-goods_code") {
		t.Fatalf("went to %s", address)
	}
	j.holds(j.get(strings.TrimSuffix(address, "#f-goods_code"), http.StatusOK), `type="radio"`, `value="290371"`, "Example Chemicals")
}

func TestAPageChangedElsewhereIsNotOverwritten(t *testing.T) {
	j := openJourney(t)
	j.begin()
	old := hidden(t, j.get(j.at("/pages/personal"), http.StatusOK), "version")
	first := personal()
	first.Set("house", "8")
	j.fill("personal", first, http.StatusSeeOther)
	second := personal()
	second.Set("house", "15А")
	second.Set("version", old)
	body, _ := j.send(j.at("/pages/personal"), second, http.StatusConflict)
	j.holds(body, "басқа терезеде де өзгертілген", "15А", ">8</td>", "басқа терезеде «8» деп сақталған, осы бетте «15А» деп жазылған")
	j.holds(j.get(j.at("/pages/personal"), http.StatusOK), `value="8"`)
	// The script is told, and led to the button that shows the differences.
	told, _ := j.send(j.at("/pages/personal/autosave"), second, http.StatusConflict)
	j.holds(told, `"href":"#wizard-end"`, `"message":`)
	// Pressing Next again overwrites knowingly.
	second.Set("version", hidden(t, body, "version"))
	j.send(j.at("/pages/personal"), second, http.StatusSeeOther)
	page := j.get(j.at("/pages/personal"), http.StatusOK)
	j.holds(page, `value="15А"`)
	// The script saves on the base that is stored now.
	second.Set("version", hidden(t, page, "version"))
	second.Set("house", "15Б")
	told, _ = j.send(j.at("/pages/personal/autosave"), second, http.StatusOK)
	j.holds(told, `"version":"`, "Сақталды: 14:05")
	j.holds(j.get(j.at("/pages/personal"), http.StatusOK), `value="15Б"`)
}

func TestASavedDraftIsOffered(t *testing.T) {
	j := openJourney(t)
	j.begin()
	number := j.number
	order := url.Values{"body": {"mti"}, "subtype": {"export"}}
	body, _ := j.send("/kk/services/trade-licence/order", order, http.StatusConflict)
	j.holds(body, "Сақталған жоба табылды", number, "Толтыруды жалғастыру", "Жобаны жойып, жаңадан бастау", "қадам")
	i := strings.Index(body, j.at("/delete?"))
	if i < 0 {
		t.Fatal("no way to delete")
	}
	ask := html.UnescapeString(body[i : i+strings.IndexByte(body[i:], '"')])
	j.holds(j.get(ask, http.StatusOK), "Жобаны жою керек пе?", number)
	j.get(j.at("/pages/personal"), http.StatusOK) // asking deletes nothing
	_, resp := j.send(j.at("/delete"), url.Values{"anew": {"trade-licence"}, "subtype": {"export"}, "body": {"mti"}}, http.StatusSeeOther)
	if strings.Contains(resp.Header.Get("Location"), number) || !strings.HasSuffix(resp.Header.Get("Location"), "/pages/personal") {
		t.Errorf("went to %s", resp.Header.Get("Location"))
	}
	j.get(j.at(""), http.StatusNotFound)
}

func TestServiceThatIsNotOpen(t *testing.T) {
	j := openJourney(t)
	j.get("/kk/services/nothing/order", http.StatusNotFound)
	j.holds(j.get("/kk/services/advocacy/order", http.StatusConflict), "онлайн тапсырыс беру мүмкін емес")
	body, _ := j.send("/kk/services/trade-licence/order", url.Values{"subtype": {"import"}}, http.StatusUnprocessableEntity)
	j.holds(body, "Мәнін таңдаңыз")
}
