package app

import (
	"errors"
	"net/http"
	"strings"

	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/signer"
)

// loadSigner reads the page that signs with a key file, where the configuration wants it. A binary that was built without it
// serves everything else.
func (a *App) loadSigner(extras Extras) error {
	if a.Config.SignerListen == "" {
		return nil
	}
	a.signer = extras.Signer
	if a.signer != nil {
		return nil
	}
	var err error
	if a.signer, err = signer.Load(); errors.Is(err, signer.ErrNotBuilt) {
		a.log.Warn("signing with a key file is not offered: this binary was built without it", "remedy", "build it with make build")
		return nil
	}
	return err
}

// signerOrigin is where that page stands; empty where there is none.
func (a *App) signerOrigin() string {
	if a.signer == nil {
		return ""
	}
	return a.Config.SignerOrigin
}

// Signer makes the handler of that page; signer.ErrNotBuilt where there is none. It knows no sessions: nothing on its
// origin is anybody's.
func (a *App) Signer() (*web.Server, http.Handler, error) {
	if a.signer == nil {
		return nil, nil, signer.ErrNotBuilt
	}
	set, err := assets.Load()
	if err != nil {
		return nil, nil, err
	}
	server := &web.Server{
		Texts: a.Texts, Assets: set.Only(assets.Style, assets.Sprite, assets.Favicon), Log: a.log, Policy: signer.Policy,
		Secure: strings.HasPrefix(a.Config.SignerOrigin, "https://"), NewID: a.World.ID, Random: a.World.Random,
		Observe: a.metrics.observe, ForwardedFor: a.Config.Forwarded, Now: a.World.Now,
	}
	s := &signer.Signer{Server: server, Origin: a.Config.SignerOrigin, Portal: a.Config.Origin, Office: a.Config.OfficeOrigin, Bundle: a.signer}
	server.Chrome, server.Routes = s.Chrome, s.Routes()
	handler, err := server.Handler()
	return server, handler, err
}
