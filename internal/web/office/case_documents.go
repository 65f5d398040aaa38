package office

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// documentsBox are the documents of a case: as images that the server made, and the files themselves behind a warning.
type documentsBox struct {
	Title, Note string
	Files       []documentFile
	Page        documentPage // the page that is looked at; zero = none
}

type documentFile struct {
	Name          string
	View          page.Link // its first page; empty where no image can be made
	More, Warning string
	Original      page.Link
}

type documentPage struct {
	Name, Image string
	Links       []page.Link
}

// queryPage names the document and the page that are looked at, "<key>.<page>".
const (
	queryDocument = "document"
	queryPage     = "page"
)

func (o *Office) documents(r *web.Request, a application.Application) documentsBox {
	box := documentsBox{Title: r.Say.T("filing.documents")}
	if o.Previews == nil {
		box.Note = r.Say.T("preview.absent")
	}
	number, _ := strconv.Atoi(r.URL.Query().Get(queryPage))
	number = min(max(number, 1), port.MaxPreviewPages)
	view := func(key string, n int) string {
		q := url.Values{queryDocument: {key}, queryPage: {strconv.Itoa(n)}}
		return r.Link("/applications/"+a.Number) + "?" + q.Encode() + "#documents"
	}
	for _, at := range a.Attached {
		name := at.Name + " (" + at.File + ", " + r.Say.Size(at.Size) + ")"
		f := documentFile{Name: name, More: r.Say.T("preview.original"), Warning: r.Say.T("preview.warning"),
			Original: page.Link{Text: r.Say.T("preview.download"), Href: documentPath(r, a.Number, at.Key)}}
		if o.Previews != nil {
			f.View = page.Link{Text: r.Say.T("preview.view"), Href: view(at.Key, 1)}
		}
		box.Files = append(box.Files, f)
		if o.Previews == nil || r.Method != http.MethodGet || r.URL.Query().Get(queryDocument) != at.Key {
			continue
		}
		box.Page = documentPage{Name: at.Name + ". " + r.Say.T("preview.page", "n", strconv.Itoa(number)),
			Image: r.Link("/applications/" + a.Number + "/documents/" + url.PathEscape(at.Key) + "/pages/" + strconv.Itoa(number))}
		if number > 1 {
			box.Page.Links = append(box.Page.Links, page.Link{Text: r.Say.T("preview.before"), Href: view(at.Key, number-1)})
		}
		if number < port.MaxPreviewPages {
			box.Page.Links = append(box.Page.Links, page.Link{Text: r.Say.T("preview.after"), Href: view(at.Key, number+1)})
		}
	}
	return box
}

// pageImage sends a page of a document as an image that the server made: nothing of the file itself reaches the reader.
func (o *Office) pageImage(w http.ResponseWriter, r *web.Request) error {
	number, err := strconv.Atoi(r.PathValue("page"))
	if err != nil || number < 1 || number > port.MaxPreviewPages || o.Previews == nil {
		return fault.New(fault.NotFound, "preview.no-page")
	}
	d, content, err := o.Documents.OpenAttached(r.Context(), r.Actor, r.PathValue("number"), r.PathValue("key"))
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // read only
	image, err := o.Previews.Page(r.Context(), content, d.Type, number)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Content-Length", strconv.Itoa(len(image)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set(web.HeaderPolicy, "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, bytes.NewReader(image)) // the reader went away: nothing to do about it
	}
	return nil
}
