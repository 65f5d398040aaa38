package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/config"
	"elicense/internal/eds"
	"elicense/internal/fault"
	"elicense/internal/gov"
	"elicense/internal/pdf"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/register"
)

// registers are the state registers of the configuration, or those of the extras; nil where there are none.
func (a *App) registers(extras Extras) (port.Registers, error) {
	if extras.Registers != nil || a.Config.RegistersURL == "" {
		return extras.Registers, nil
	}
	r, err := a.govRegisters()
	if err != nil {
		return nil, err // not r: an interface around a nil pointer is not nil
	}
	return r, nil
}

func (a *App) govRegisters() (*gov.Registers, error) {
	token, err := a.Config.RegistersToken()
	if err != nil {
		return nil, err
	}
	return gov.New(gov.Config{URL: a.Config.RegistersURL, Token: token, Timeout: a.Config.RegistersTimeout, Now: a.World.Now, Log: a.log})
}

// sealer signs rendered documents with the key of their body or of the system; nil where there is none. With a certificate that has ended nothing is sealed and so nothing is issued on paper: the document is made when
// the certificate was renewed, and nobody gets one with a worthless seal.
func (a *App) sealer() (register.Seal, error) {
	if !a.Config.Sealed() {
		return nil, nil
	}
	id, err := a.Config.SealIdentity()
	if err != nil {
		return nil, err
	}
	if err := period(id, a.World.Now()); err != nil {
		return nil, err
	}
	own, err := a.bodySeals()
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, file []byte, p permit.Permit) ([]byte, error) {
		id, err := id, period(id, a.World.Now())
		if seal, ok := own[p.Body]; ok {
			id, err = seal, a.sealOf(p.Body, seal)
		}
		if err != nil {
			return nil, fault.New(fault.Unavailable, "fault.unavailable").Because(err)
		}
		sign := func(content []byte) ([]byte, error) {
			return cms.Sign(content, id.Key, id.Certificate, cms.Options{Detached: true})
		}
		return pdf.Seal(file, sign, p.IssuedAt, p.Number)
	}, nil
}

// bodySeals are the seals that bodies have of their own.
func (a *App) bodySeals() (map[string]cms.Identity, error) {
	own, err := a.Config.BodySeals()
	if err != nil {
		return nil, err
	}
	for key, id := range own {
		if err := a.sealOf(key, id); err != nil {
			return nil, err
		}
	}
	return own, nil
}

// sealOf demands that a seal is of a body of the catalogue, valid now, and, where the body's BIN is known, a certificate of
// that organisation.
func (a *App) sealOf(key string, id cms.Identity) error {
	body, ok := a.Catalogue.Body(key)
	if !ok {
		return fmt.Errorf("body-seals: there is no state body %q", key)
	}
	if err := period(id, a.World.Now()); err != nil {
		return fmt.Errorf("body-seals: %s: %w", key, err)
	}
	if s, err := cms.SubjectOf(id.Certificate); body.BIN != "" && (err != nil || s.BIN != body.BIN) {
		return fmt.Errorf("body-seals: %s: the certificate is not of the organisation with BIN %s", key, body.BIN)
	}
	return nil
}

// period tells whether the certificate of a seal is valid at a time.
func period(id cms.Identity, at time.Time) error {
	switch c := id.Certificate; {
	case at.After(c.NotAfter):
		return fmt.Errorf("seal: the certificate ended on %s", c.NotAfter.UTC().Format(time.DateOnly))
	case at.Before(c.NotBefore):
		return fmt.Errorf("seal: the certificate is valid from %s on", c.NotBefore.UTC().Format(time.DateOnly))
	}
	return nil
}

// checkSettings is config.Config.Check, and what depends on today: the period of the seal's certificate.
func checkSettings(cfg config.Config, now time.Time) error {
	err := cfg.Check()
	var m config.Mistakes
	if err != nil && !errors.As(err, &m) {
		return err
	}
	if cfg.Sealed() {
		if id, err := cfg.SealIdentity(); err == nil {
			if err := period(id, now); err != nil {
				m = append(m, err.Error())
			}
		}
	}
	if len(m) > 0 {
		return m
	}
	return nil
}

// sealNotice is how many days before its end doctor calls a seal wrong.
const sealNotice = 14

// sealHolds tells doctor about the seal.
func (a *App) sealHolds(context.Context) (string, error) {
	if !a.Config.Sealed() {
		return "none: permits are issued without a seal", nil
	}
	id, err := a.Config.SealIdentity()
	if err != nil {
		return "", err
	}
	now := a.World.Now()
	if err := period(id, now); err != nil {
		return "", err
	}
	text, err := daysLeft(id, now)
	if err != nil {
		return "", err
	}
	own, err := a.bodySeals()
	if err != nil {
		return "", err
	}
	for _, body := range slices.Sorted(maps.Keys(own)) {
		days, err := daysLeft(own[body], now)
		if err != nil {
			return "", fmt.Errorf("%s: %w", body, err)
		}
		text += "; " + body + ": " + days
	}
	return text, nil
}

// daysLeft tells how long the certificate of a seal holds; an end that is near is an error.
func daysLeft(id cms.Identity, now time.Time) (string, error) {
	days := int(id.Certificate.NotAfter.Sub(now).Hours() / 24)
	text := fmt.Sprintf("valid for %d more days, until %s", days, id.Certificate.NotAfter.UTC().Format(time.DateOnly))
	if days < sealNotice {
		return "", errors.New(text)
	}
	return text, nil
}

// respondersAnswer tells doctor about the OCSP responders.
func (a *App) respondersAnswer(ctx context.Context) (string, error) {
	v, err := eds.New(a.trust(Extras{}), a.World.Now)
	if err != nil {
		return "", err
	}
	if len(v.Responders()) == 0 {
		return "none: revocation lists alone", nil
	}
	_ = v.Refresh(ctx) // whether the lists are there is told by their own check; a responder may be looked for on them
	if err := v.TryResponders(ctx); err != nil {
		return "", err
	}
	var texts []string
	for _, s := range v.Responders() {
		texts = append(texts, fmt.Sprintf("%s answered in %d ms", s.Source, s.Took.Milliseconds()))
	}
	return strings.Join(texts, "; "), nil
}

// registersAnswer tells doctor about the state registers.
func (a *App) registersAnswer(ctx context.Context) (string, error) {
	if a.Config.RegistersURL == "" {
		return "none: forms are prefilled from profiles and certificates only", nil
	}
	r, err := a.govRegisters()
	if err != nil {
		return "", err
	}
	began := a.World.Now()
	if err := r.Ping(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("answered in %d ms", a.World.Now().Sub(began).Milliseconds()), nil
}

// stampersAnswer tells doctor about the time-stamping authorities.
func (a *App) stampersAnswer(ctx context.Context) (string, error) {
	n := len(a.Config.StampAuthorities())
	if n == 0 {
		return "none: signatures are kept without time stamps", nil
	}
	v, err := eds.New(a.trust(Extras{}), a.World.Now)
	if err != nil {
		return "", err
	}
	began := a.World.Now()
	if err := v.ProbeStamps(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d answered in %d ms", n, a.World.Now().Sub(began).Milliseconds()), nil
}
