// Package signer serves the page in which a person signs with a key file of their own. It stands on an origin of its own, shown
// by the portal in a frame, so that nothing of the portal can reach the file, the password or the key. It knows no
// visitor, sets no cookie and takes nothing in: all it does is to hand out one page in three languages, two scripts and
// the WebAssembly program of cmd/signer.
package signer

import (
	"net/http"
	"strings"

	"elicense/internal/lang"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// Policy is the content policy of every answer but the page and its worker: they may do nothing.
const Policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// Signer holds what the page needs.
type Signer struct {
	Server *web.Server
	Origin string // of this page
	Portal string // the origin that may show the page in a frame and give it something to sign
	Office string // the same at the address with ForOffice: the internal portal; empty = it may not
	Bundle *Bundle
}

// Routes is the signer's route table.
func (s *Signer) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/{$}", Policy: web.Static, Handle: s.frame, Page: "signer"},
		{Pattern: "GET " + filesPath + "{version}/{name}", Policy: web.Static, Handle: s.file},
	}
}

// Chrome dresses the pages of errors.
func (s *Signer) Chrome(r *web.Request, title string) *page.Chrome {
	set := s.Server.Assets
	return &page.Chrome{
		Lang: r.Lang, Words: s.Server.Words(r.Lang), Title: title, NoIndex: true, System: r.Say.T("header.title"), Home: s.Portal + r.Link("/"),
		Files: page.Files{Style: set.Href(assets.Style), Sprite: set.Href(assets.Sprite), Icon: set.Href(assets.Favicon)},
	}
}

// frameView is the page.
type frameView struct {
	Lang                   lang.Lang
	Style, Own, Script     string // addresses
	Portal, Worker, Module string
	Words                  []word
	T                      func(key string, kv ...string) string
}

// word is a text that the script shows when its time comes.
type word struct{ Key, Text string }

// ForOffice in the address of the page says that the internal portal shows it.
const ForOffice = "office"

// shower is the one portal that may show the page at this address.
func (s *Signer) shower(r *web.Request) string {
	if s.Office != "" && r.URL.Query().Has(ForOffice) {
		return s.Office
	}
	return s.Portal
}

// frame shows the page.
func (s *Signer) frame(w http.ResponseWriter, r *web.Request) error {
	v := frameView{
		Lang: r.Lang, Style: s.Server.Assets.Href(assets.Style), Own: s.Bundle.Href(fileStyle), Script: s.Bundle.Href(fileFrame),
		Portal: s.shower(r), Worker: s.Bundle.Href(fileWorker), Module: s.Bundle.Href(fileModule), T: r.Say.T,
	}
	for _, key := range Words() {
		v.Words = append(v.Words, word{Key: key, Text: r.Say.T(key)})
	}
	h := w.Header()
	h.Set(web.HeaderPolicy, s.framePolicy(v.Portal))
	h.Del("X-Frame-Options") // knows nobody or everybody; frame-ancestors names the portal
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-DNS-Prefetch-Control", "off")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(r.Lang))
	return framePage(v).Render(r.Context(), w)
}

// framePolicy is the policy of the page: its own scripts, one worker, and one connection, to fetch the program. When that has
// come the page takes the connection away from itself too (files/frame.js).
func (s *Signer) framePolicy(portal string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", "style-src 'self'",
		"connect-src " + s.Origin + s.Bundle.Href(fileModule), "form-action 'none'", "frame-ancestors " + portal, "base-uri 'none'",
		"require-trusted-types-for 'script'", "trusted-types signer",
	}, "; ")
}

// workerPolicy is the policy of the worker, which alone sees the key: it may run the program and connect to nothing.
func workerPolicy() string {
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

// Words are the keys of the texts that the script may show.
func Words() []string {
	keys := []string{
		"signer.loading", "signer.waiting", "signer.choose-file", "signer.type-password", "signer.opening", "signer.opened", "signer.signing", "signer.signed",
		"signer.unavailable", "signer.document", "signer.too-large", "signer.not-p12", "signer.password", "signer.no-key", "signer.many-keys", "signer.no-certificate",
		"signer.key-kind", "signer.cipher", "signer.expired", "signer.early", "signer.other-person", "signer.other-entity", "signer.closed", "signer.failed",
		"signature.subject", "signature.no-iin", "signature.bad-bin", "signature.role", "signature.usage", "signature.authority-key",
		"signature.critical-extension", "signature.algorithm", "signature.weak-key", "signature.key-parameters", "signature.key-point",
	}
	for _, p := range signdoc.Purposes() {
		keys = append(keys, "sign.purpose."+string(p))
	}
	return keys
}
