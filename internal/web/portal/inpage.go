package portal

import (
	"encoding/base64"

	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/page"
)

// inPage is the part that signs in the page; nil where the installation has no signer.
func (p *Portal) inPage(r *web.Request, c port.Challenge) *page.InPage {
	if p.Signer == "" {
		return nil
	}
	return &page.InPage{
		Origin: p.Signer, Frame: p.Signer + r.Link("/"), Payload: base64.StdEncoding.EncodeToString(c.Content),
		Title: r.Say.T("signer.panel"), Text: r.Say.T("signer.panel-text"), Button: r.Say.T("signer.panel-button"), FrameTitle: r.Say.T("signer.title"),
		NoScript: r.Say.T("signer.panel-no-script"), Unavailable: r.Say.T("signer.panel-unavailable"), Sending: r.Say.T("signer.signed"),
	}
}

// withSigner lets a page show the signer's frame.
func (p *Portal) withSigner(c *page.Chrome) *page.Chrome {
	if p.Signer != "" {
		c.Frame = p.Signer
		c.Files.Scripts = append(c.Files.Scripts, p.Server.Assets.Href(assets.SignerFrame))
	}
	return c
}
