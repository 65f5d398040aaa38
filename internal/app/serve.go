package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/mobile"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/office"
	"elicense/internal/web/portal"
	"elicense/internal/web/signing"
)

// sessionCookie names the cookies of the two portals differently: browsers do not tell ports apart.
const (
	portalCookie = "elicense"
	officeCookie = "elicense_office"
)

// memoryGoal is the size, in bytes, from which on memory is collected more eagerly; it is no hard limit. The variable
// GOMEMLIMIT of the environment takes its place. Below it memory is collected when it has grown to three times what is in
// use, unless GOGC says otherwise: what is in use is small, and most of it are directories that never change.
const (
	memoryGoal   = 88 << 20
	memoryGrowth = 200 // per cent
)

// drain is how long requests may take to finish when the program stops.
const drain = 15 * time.Second

// Portal makes the handler of the external portal.
func (a *App) Portal() (*web.Server, http.Handler, error) {
	server, err := a.server(portalCookie)
	if err != nil {
		return nil, nil, err
	}
	p := &portal.Portal{
		Server: server, Catalogue: a.Catalogue, Accounts: a.Accounts, Filing: a.Filing, Documents: a.Documents, Billing: a.Billing,
		Register: a.Register, Numbering: a.Numbering, Notices: a.Notices, Messages: a.Messages, Statistics: a.Statistics, Reference: a.Reference, Renderer: a.renderer, Glyphs: a.renderer, Verifier: a.verifier, World: a.World,
		Calendar: a.Calendar, MCI: a.index, Origin: a.Config.Origin, Signing: a.signing(server, false), Phone: a.phone(), Demo: a.demo,
	}
	server.Chrome = p.Chrome
	server.Connect = []string{a.Config.Agent}
	server.FormTargets = a.targets
	server.Routes = append(a.opsRoutes(), p.Routes()...)
	handler, err := server.Handler()
	return server, handler, err
}

// signing is the part of the pages of both portals that asks for a signature.
func (a *App) signing(server *web.Server, internal bool) *signing.Signing {
	s := &signing.Signing{Server: server, Agent: a.Config.Agent, Signer: a.signerOrigin(), Office: internal, Waiting: a.Accounts.Waiting}
	address := portal.SigningAddress
	if internal {
		s.Waiting, address = a.Accounts.WaitingOfficial, office.SigningAddress
	}
	if c := a.Config; c.EgovMobile != "" {
		s.Phone = &signing.Phone{Sign: a.mobile(s.Waiting), Mobile: c.EgovMobile, Business: c.EgovBusiness, Offers: c.Origin + portal.PathOffer, Address: address}
	}
	if a.demo != nil {
		s.Demo = a.demo.Keys
	}
	return s
}

// mobile is signing on a telephone, for the browser sessions of one portal.
func (a *App) mobile(waiting func(ctx context.Context, session, nonce string) (port.Challenge, error)) *mobile.Mobile {
	c := a.Config
	return &mobile.Mobile{Store: a.Store, World: a.World, Verifier: a.verifier, Waiting: waiting, Origin: c.Origin, OfficeOrigin: c.OfficeOrigin, Environment: c.Environment}
}

// phone answers telephones, or is nil where they are not configured.
func (a *App) phone() *portal.Phone {
	c := a.Config
	if c.EgovMobile == "" {
		return nil
	}
	return &portal.Phone{Sign: a.mobile(a.Accounts.Waiting), Operator: c.Operator(), BIN: c.OperatorBIN}
}

// Office makes the handler of the internal portal.
func (a *App) Office() (*web.Server, http.Handler, error) {
	server, err := a.server(officeCookie)
	if err != nil {
		return nil, nil, err
	}
	server.Resume = a.resumeOfficial
	server.Sessions.IdleTimeout, server.Sessions.Lifetime = time.Duration(a.Config.OfficeIdle)*time.Minute, time.Duration(a.Config.OfficeAbsolute)*time.Hour
	server.Connect = []string{a.Config.Agent}
	o := &office.Office{
		Server: server, Accounts: a.Accounts, Desk: a.Desk, Exports: a.Exports, Register: a.Register, Acts: a.Acts, Numbering: a.Numbering, Papers: a.Papers, Documents: a.Documents, Messages: a.Messages, Evidence: a.Evidence, Catalogue: a.Catalogue, World: a.World,
		Directories: &reference.Keeper{Store: a.Store, World: a.World, Library: a.Reference, Index: a.index, Services: a.Catalogue.Newest},
		Wording:     a.wording, Publication: a.publication(publisher), Calendar: a.Calendar, Portal: a.Config.Origin, Signing: a.signing(server, true), Demo: a.staff,
		Previews: a.previews(context.Background()),
	}
	server.Chrome = o.Chrome
	server.Connect = []string{a.Config.Agent}
	server.Routes = append(a.opsRoutes(), o.Routes()...)
	handler, err := server.Handler()
	return server, handler, err
}

// publisher is the person of an official who may publish services.
func publisher(_ context.Context, _ port.View, actor access.Actor) (string, error) {
	if err := actor.AtWork(); err != nil {
		return "", err
	}
	if !actor.Holds(access.Publisher) {
		return "", fault.New(fault.Denied, "office.no-duty")
	}
	return actor.Person, nil
}

// server is what both portals share.
func (a *App) server(cookie string) (*web.Server, error) {
	set, err := assets.Load()
	if err != nil {
		return nil, err
	}
	sessions := account.NewSessions(a.Store, a.World)
	return &web.Server{
		Sessions: web.NewSessions(sessions, account.Codec{}, cookie, a.Config.Secure()),
		Texts:    a.Texts, Assets: set, Log: a.log, Secure: a.Config.Secure(), Resume: a.resume(sessions),
		NewID: a.World.ID, Random: a.World.Random, Observe: a.metrics.observe, ForwardedFor: a.Config.Forwarded, Now: a.World.Now,
	}, nil
}

// resumeOfficial tells which official a session of the internal portal is.
func (a *App) resumeOfficial(ctx context.Context, _, id, mark string) (web.Who, access.Actor, error) {
	o, actor, err := a.Accounts.ResumeOfficial(ctx, id, mark)
	if err != nil {
		return web.Who{}, actor, err
	}
	return web.Who{Account: o.ID, Name: o.Name()}, actor, nil
}

// resume tells who a session's account is, from what was read with the session or, right after a log-in, from the store.
func (a *App) resume(sessions *account.Sessions) func(ctx context.Context, token, id, mark string) (web.Who, access.Actor, error) {
	return func(ctx context.Context, token, id, mark string) (web.Who, access.Actor, error) {
		acc, ok := sessions.Holder(token)
		var actor access.Actor
		var err error
		if ok && acc.ID == id {
			acc, actor, err = account.Resumed(acc, mark)
		} else {
			acc, actor, err = a.Accounts.Resume(ctx, id, mark)
		}
		if err != nil {
			return web.Who{}, actor, err
		}
		who := web.Who{Account: acc.ID, Name: acc.PersonName()}
		if acc.Party.Kind == party.Organisation {
			who.Name, who.For = acc.Party.Name, acc.PersonName()
		}
		return who, actor, nil
	}
}

// Serve listens until the context ends, then drains. started is called when both portals and the signer accept connections.
func (a *App) Serve(ctx context.Context, started func(portal, office net.Addr)) error {
	if !envSet("GOMEMLIMIT") {
		debug.SetMemoryLimit(memoryGoal)
	}
	if !envSet("GOGC") {
		debug.SetGCPercent(memoryGrowth)
	}
	_, external, err := a.Portal()
	if err != nil {
		return err
	}
	_, internal, err := a.Office()
	if err != nil {
		return err
	}
	doors := []door{{a.Config.Listen, external}, {a.Config.OfficeListen, internal}}
	if a.signerOrigin() != "" {
		_, signing, err := a.Signer()
		if err != nil {
			return err
		}
		doors = append(doors, door{a.Config.SignerListen, signing})
	}
	listeners, err := listen(doors)
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	for _, work := range []func(context.Context) error{a.verifier.Run, a.queue.Run, a.sweep, a.count, a.follow} {
		background.Go(func() {
			if err := work(run); err != nil && run.Err() == nil {
				a.log.Error("background work ended", "error", err)
			}
		})
	}
	var servers []*http.Server
	failed := make(chan error, len(doors))
	for i, l := range listeners {
		s := HTTPServer(doors[i].handler, a.log)
		servers = append(servers, s)
		go func() { failed <- s.Serve(l) }()
	}
	started(listeners[0].Addr(), listeners[1].Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(end))
	}
	stop()
	background.Wait()
	return err
}

// followEvery is how soon a node learns of a revision that was published on another one.
const followEvery = 5 * time.Second

// follow keeps the catalogue and the calendar with what is published while the program runs. What cannot be read leaves the catalogue as it
// is: services go on by the revisions that are known.
func (a *App) follow(ctx context.Context) error {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := a.Catalogue.Refresh(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("revisions could not be loaded", "error", err)
			}
			if err := a.Calendar.Refresh(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("the calendar could not be loaded", "error", err)
			}
		}
	}
}

// door is an address and who answers there.
type door struct {
	address string
	handler http.Handler
}

// listen opens all doors or none.
func listen(doors []door) ([]net.Listener, error) {
	var open []net.Listener
	for _, d := range doors {
		l, err := net.Listen("tcp", d.address)
		if err != nil {
			for _, o := range open {
				err = errors.Join(err, o.Close())
			}
			return nil, err
		}
		open = append(open, l)
	}
	return open, nil
}

// HTTPServer has the limits that every listener of ours has.
func HTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// sweep ends what is over (sessions, challenges, quarantines of numbers) and looks again at signatures that wait for their
// certificate's revocation, also those whose job was lost with the jobs' file.
func (a *App) sweep(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := a.Accounts.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("sweep", "error", err)
		}
		if _, err := a.Numbering.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("quarantine of numbers", "error", err)
		}
		if err := a.recheck(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("pending signatures", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (a *App) recheck(ctx context.Context) error {
	numbers, err := a.Filing.Pending(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, number := range numbers {
		if err := a.Filing.Recheck(ctx, number); err != nil && fault.KindOf(err) != fault.Unavailable {
			failed = append(failed, fmt.Errorf("%s: %w", number, err)) // and on to the next: one must not hold up all
		}
	}
	return errors.Join(failed...)
}

// checks are what readyz and doctor ask.
func (a *App) checks() []check {
	return []check{
		{name: "database", run: a.Store.Ping, remedy: "check that the database runs and is reachable, then run `elicense migrate`"},
		{name: "files", run: a.filesWritable, remedy: "the data folder must be writable and have space"},
		{name: "clock", warns: true, remedy: clockRemedy, run: func(ctx context.Context) error { return clocksAgree(ctx, a.Store.Time) }},
	}
}
