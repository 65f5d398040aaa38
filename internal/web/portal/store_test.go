package portal

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"elicense/internal/documents"
)

func TestAnothersThingsAreNotFound(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	id := regexp.MustCompile(`/kk/documents/([0-9a-f-]{36})"`).FindStringSubmatch(j.get("/kk/documents", http.StatusOK))[1]
	j.logIn("beta")
	for _, rest := range []string{"", "/pages/personal", "/documents", "/documents/contract", "/documents/contract/file", "/payment", "/payment/return", "/payment/instruction", "/check", "/sign", "/download", "/delete"} {
		j.get(j.at(rest), http.StatusNotFound)
	}
	j.get("/kk/documents/"+id, http.StatusNotFound)
	for _, rest := range []string{"/pages/personal", "/pages/personal/autosave", "/documents", "/documents/contract", "/documents/contract/remove", "/payment", "/check", "/sign", "/delete"} {
		j.send(j.at(rest), url.Values{"document": {id}, "cms": {"good"}}, http.StatusNotFound)
	}
	j.send("/kk/documents/"+id+"/delete", nil, http.StatusNotFound)
	j.visitor()
	_, resp := j.fetch(j.at(""), http.StatusSeeOther)
	if !strings.HasPrefix(resp.Header.Get("Location"), "/kk/login?next=") {
		t.Errorf("a visitor went to %s", resp.Header.Get("Location"))
	}
}

func TestPersonalStore(t *testing.T) {
	j := openJourney(t)
	j.holds(j.get("/kk/documents", http.StatusOK), "Қоймада әзірге құжат жоқ", "30 МБ", "PDF")
	j.upload("/kk/documents/upload", "шарт.pdf", strings.NewReader(pdf), http.StatusSeeOther)
	list := j.get("/kk/documents", http.StatusOK)
	j.holds(list, "Сыртқы сауда шарты", "шарт.pdf", "Құжат жүктелді")
	id := regexp.MustCompile(`/kk/documents/([0-9a-f-]{36})"`).FindStringSubmatch(list)[1]
	got, resp := j.fetch("/kk/documents/"+id, http.StatusOK)
	if got != pdf || resp.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("download: %q %v", got, resp.Header)
	}
	j.begin()
	j.holds(j.get(j.at("/documents/contract"), http.StatusOK), `value="`+id+`"`)
	refused, _ := j.send(j.at("/documents/contract"), nil, http.StatusUnprocessableEntity)
	j.holds(refused, "Тізімнен құжатты таңдаңыз")
	j.send(j.at("/documents/contract"), url.Values{"document": {id}}, http.StatusSeeOther)
	j.send("/kk/documents/"+id+"/delete", nil, http.StatusSeeOther)
	j.lacks(j.get("/kk/documents", http.StatusOK), "шарт.pdf")
	j.holds(j.get(j.at("/documents/contract/file"), http.StatusOK), "%PDF-") // the application keeps it
	j.send(j.at("/documents/contract/remove"), nil, http.StatusSeeOther)
	j.get(j.at("/documents/contract/file"), http.StatusNotFound)
}

func TestRefusedUploads(t *testing.T) {
	j := openJourney(t)
	body, _ := j.upload("/kk/documents/upload", "run.exe", strings.NewReader("MZ\x90\x00"), http.StatusUnprocessableEntity)
	j.holds(body, "Қате:", "қабылданбайды", "Сыртқы сауда шарты")
	body, _ = j.upload("/kk/documents/upload", "", strings.NewReader(""), http.StatusUnprocessableEntity)
	j.holds(body, "Файлды таңдаңыз")
	// A file over the limit is read to its end, so that the browser comes to read the page.
	large := io.MultiReader(strings.NewReader(pdf), io.LimitReader(zeros{}, documents.MaxSize+1<<20))
	body, _ = j.upload("/kk/documents/upload", "үлкен.pdf", large, http.StatusRequestEntityTooLarge)
	j.holds(body, "Файл тым үлкен", "30 МБ")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestPaymentNotices(t *testing.T) {
	j := openJourney(t)
	j.prepared()
	_, resp := j.send(j.at("/payment"), nil, http.StatusSeeOther)
	gateway, err := url.Parse(resp.Header.Get("Location"))
	must(t, err)
	invoice := gateway.Query().Get("invoice")
	for _, tt := range []struct {
		body, signature string
		want            int
	}{
		{invoice + " R-1", "forged", http.StatusUnauthorized},
		{"unknown R-2", "good", http.StatusNotFound},
		{strings.Repeat("x", noticeBody+1), "good", http.StatusRequestEntityTooLarge},
	} {
		if got := j.notice(tt.body, tt.signature); got != tt.want {
			t.Errorf("%.20s: %d, want %d", tt.body, got, tt.want)
		}
	}
	// Coming back proves nothing: the page waits for the notice a little and then says so; it never reloads itself.
	late := j.get(j.at("/payment/return"), http.StatusOK)
	j.holds(late, "әлі расталған жоқ", "Қайта тексеру")
	j.lacks(late, `http-equiv="refresh"`)
	for range 2 {
		if got := j.notice(invoice+" R-3", "good"); got != http.StatusOK {
			t.Errorf("a good notice: %d", got)
		}
	}
	j.holds(j.get(j.at("/payment/return"), http.StatusOK), "Төлем қабылданды", "R-3")
	j.holds(j.get(j.at("/payment/instruction"), http.StatusOK), "%PDF-")
}
