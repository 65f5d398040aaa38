package portal

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"elicense/internal/civil"
	"elicense/internal/ident"
)

func TestCheckByNumberAndCode(t *testing.T) {
	s := openSite(t)
	s.people()
	of := s.licence(ident.DocumentNumber("LTL", 1), "alpha", siteBIN, civil.New(2026, 11, 1), civil.New(2026, 12, 31))
	own := s.licence(ident.DocumentNumber("LTL", 2), "beta", siteIIN, civil.New(2026, 1, 1), civil.New(2026, 11, 21))
	later := s.licence(ident.DocumentNumber("LTL", 3), "beta", siteIIN, civil.New(2026, 11, 23), civil.Date{})

	body := s.get("/kk/check/"+strings.ToLower(of.Number), http.StatusOK)
	s.holds(body, "Қолданыста", "2026 жылғы 31 желтоқсан", of.Number, of.Second, siteBIN, "22.11.2026 14:05:00")
	s.lacks(body, "KZ-26/118", of.Check)

	body = s.get("/ru/check/"+own.Number, http.StatusOK)
	s.holds(body, "не действует", "Данные физического лица не показываются")
	s.lacks(body, siteIIN, own.HolderName)
	body = s.get("/ru/check/"+own.Number+"/"+own.Check, http.StatusOK)
	s.holds(body, siteIIN, own.HolderName, "KZ-26/118", "/ru/check/"+own.Number+"/"+own.Check+"/document/kk")
	s.holds(s.get("/en/check/"+later.Number, http.StatusOK), "not in force yet", "23 November 2026")

	s.holds(s.get("/kk/check/"+own.Number+"/"+of.Check, http.StatusNotFound), "Расталмады")
	s.holds(s.get("/kk/check/"+ident.DocumentNumber("LTL", 99), http.StatusNotFound), "Расталмады")
	s.holds(s.get("/kk/check/KZ00LTL00000001", http.StatusNotFound), "Расталмады", "нөмірі дұрыс емес")
	s.get("/kk/check/"+own.Number+"/"+of.Check+"/document/kk", http.StatusNotFound)
	s.get("/kk/check/"+own.Number+"/"+own.Check+"/document/kz", http.StatusNotFound)
}

func TestCheckForm(t *testing.T) {
	s := openSite(t)
	s.holds(s.get("/kk/check", http.StatusOK), "Құжаттың нөмірі", "multipart/form-data")
	s.holds(s.get("/kk/check?number=KZ12", http.StatusUnprocessableEntity), `value="KZ12"`, "error-summary", `href="#f-number"`)
	s.holds(s.get("/kk/check?number=", http.StatusUnprocessableEntity), "error-summary")
	_, resp := s.fetch("/kk/check?number="+strings.ToLower(ident.DocumentNumber("LTL", 7)), http.StatusSeeOther)
	if at := resp.Header.Get("Location"); at != "/kk/check/"+ident.DocumentNumber("LTL", 7) {
		t.Error(at)
	}
	_, resp = s.fetch("/c/"+ident.DocumentNumber("LTL", 7)+"/abc", http.StatusSeeOther)
	if at := resp.Header.Get("Location"); at != "/kk/check/"+ident.DocumentNumber("LTL", 7)+"/abc" {
		t.Error(at)
	}
	s.get("/x/"+ident.DocumentNumber("LTL", 7)+"/abc", http.StatusNotFound)
}

func upload(t *testing.T, content []byte) (*bytes.Buffer, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "licence.pdf")
	must(t, err)
	_, err = part.Write(content)
	must(t, err)
	must(t, w.Close())
	return &b, w.FormDataContentType()
}

func TestCheckFile(t *testing.T) {
	s := openSite(t)
	s.people()
	p := s.licence(ident.DocumentNumber("LTL", 1), "beta", siteIIN, civil.New(2026, 11, 1), civil.New(2026, 12, 31))
	pdf, resp := s.fetch("/ru/check/"+p.Number+"/"+p.Check+"/document/ru", http.StatusOK)
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename=" + p.Number + "-ru.pdf",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	address := action(t, s.get("/ru/check", http.StatusOK), "/ru/check/file")
	for _, c := range []struct {
		name    string
		content []byte
		status  int
		text    string
	}{
		{"genuine", []byte(pdf), http.StatusOK, "Файл подлинный"},
		{"one byte more", []byte(pdf + " "), http.StatusNotFound, "не совпадает ни с одним"},
		{"empty", nil, http.StatusUnprocessableEntity, "Выберите файл"},
		{"too large", make([]byte, maxChecked+1), http.StatusRequestEntityTooLarge, "слишком большой"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, kind := upload(t, c.content)
			s.holds(s.post(address, kind, body, c.status), c.text, `href="/kk/check`)
		})
	}
	body, kind := upload(t, []byte(pdf))
	s.post("/ru/check/file", kind, body, http.StatusForbidden)
	s.holds(s.post(address, "multipart/form-data", strings.NewReader("x"), http.StatusUnprocessableEntity), "error-summary")
}
