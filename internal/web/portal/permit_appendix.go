package portal

import (
	"io"
	"net/http"

	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/web"
)

// appendixDocument gives the holder the document of an appendix in a language.
func (p *Portal) appendixDocument(w http.ResponseWriter, r *web.Request) error {
	return appendixIn(w, r, func(l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
		return p.Register.DownloadAppendix(r.Context(), r.Actor, r.PathValue("number"), r.PathValue("appendix"), l)
	})
}

// checkAppendix gives it to whoever holds the number and the code of the licence.
func (p *Portal) checkAppendix(w http.ResponseWriter, r *web.Request) error {
	return appendixIn(w, r, func(l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
		return p.Register.DownloadCheckedAppendix(r.Context(), r.PathValue("number"), r.PathValue("code"), r.PathValue("appendix"), l)
	})
}

// appendixIn sends what is found in the language of the address. A number that is none answers as one that does not exist.
func appendixIn(w http.ResponseWriter, r *web.Request, find func(lang.Lang) (permit.File, io.ReadSeekCloser, error)) error {
	l, err := documentLang(r)
	if err != nil {
		return err
	}
	file, content, err := find(l)
	if err != nil {
		return unknown(err)
	}
	return sendPDF(w, r, file, content)
}
