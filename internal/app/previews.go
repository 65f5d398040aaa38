package app

import (
	"context"

	"elicense/internal/port"
	"elicense/internal/preview"
)

// previews opens what draws the pages of documents; nil where it is not installed: officials then open the files.
func (a *App) previews(ctx context.Context) port.Previews {
	p, err := preview.Open(ctx, preview.Config{Program: a.Config.Previews})
	if err != nil {
		a.log.Warn("no images of pages are made: officials open uploaded files themselves", "program", a.Config.Previews, "error", err)
		return nil
	}
	return p
}

// previewsMade tells how pages are drawn. An installation works without, so nothing is wrong then.
func (a *App) previewsMade(ctx context.Context) (string, error) {
	p, err := preview.Open(ctx, preview.Config{Program: a.Config.Previews})
	switch {
	case err != nil:
		return "none: install poppler-utils or set --preview-program; until then officials open uploaded files themselves (" + err.Error() + ")", nil
	case !p.Apart():
		return a.Config.Previews + ", within limits of time and memory; the kernel gives it no namespaces, so it can reach the network", nil
	}
	return a.Config.Previews + ", within limits of time and memory, without network", nil
}
