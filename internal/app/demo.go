package app

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"elicense/internal/access"
	"elicense/internal/charge"
	"elicense/internal/config"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/demo/gateway"
	"elicense/internal/demo/ncalayer"
	"elicense/internal/demo/phone"
	"elicense/internal/demo/registers"
	"elicense/internal/eds"
	"elicense/internal/gov"
	"elicense/internal/lang"
	"elicense/internal/paper"
	"elicense/internal/pay"
	"elicense/internal/web/office"
	"elicense/internal/web/portal"
)

type demoCommand struct {
	AgentListen   string `name:"agent-listen" default:"127.0.0.1:13580" help:"Address of the test agent that signs with the demo keys."`
	GatewayListen string `name:"gateway-listen" default:"127.0.0.1:8082" help:"Address of the payment gateway simulator and of the demo authority's revocation lists, OCSP responder and time stamps."`
}

// registersPath is where the demonstration's registers are asked, as those of an installation would be.
const registersPath = "/registers"

// demoSigner is where the signing page listens, unless the configuration says otherwise.
const demoSigner = "127.0.0.1:8083"

// neighbours are the doubles around a demonstration.
type neighbours struct {
	authority *ca.CA
	keys      map[string]ca.KeyPair
	registers *gov.Registers
	gateway   *gateway.Gateway
	secret    []byte // that it shares with the portal
	servers   []*http.Server
	wait      sync.WaitGroup
}

// Run serves the demonstration until it is told to stop.
func (c demoCommand) Run(r *run) error {
	cfg := r.cfg
	cfg.OfficeFactor = config.FactorOptional // its passwords are open to everyone, and a button logs in
	cfg.Environment, cfg.Agent = "demo", "ws://"+c.AgentListen+"/"
	cfg.EgovMobile, cfg.EgovBusiness = "http://"+c.GatewayListen+phone.Path, ""
	cfg.OperatorKK, cfg.OperatorRU, cfg.OperatorEN, cfg.OperatorBIN = "Көрсетілім порталы", "Демонстрационный портал", "Demonstration portal", demo.OperatorBIN()
	cfg.NoticeFolder, cfg.SMTP, cfg.SMS, cfg.SMSTokens = filepath.Join(cfg.Data, "sent"), "", "", ""
	if cfg.SignerListen == "" {
		cfg.SignerListen = demoSigner
		cfg = cfg.Complete()
	}
	if err := c.allowed(cfg); err != nil {
		return err
	}
	if cfg.FactorKey == "" {
		cfg.FactorKey = filepath.Join(cfg.Data, "factor.key")
		if err := makeFactorKey(cfg.FactorKey); err != nil {
			return err
		}
	}
	if err := cfg.Check(); err != nil {
		return err
	}
	n, payments, err := c.start(r, cfg)
	if err != nil {
		return err
	}
	defer n.stop()
	if cfg, err = n.sealed(cfg); err != nil {
		return err
	}
	neighbours := "http://" + c.GatewayListen
	trust := eds.Config{Anchors: eds.Source{Certificates: n.authority.Anchors()}, Intermediates: eds.Source{Certificates: n.authority.Intermediates()},
		Responders: []string{neighbours + ca.OCSPPath}, Stamping: eds.Stamping{Addresses: []string{neighbours + ca.StampPath}, Policies: []string{ca.StampPolicy}}}
	for _, path := range n.authority.ListPaths() {
		trust.Lists = append(trust.Lists, eds.List{URL: neighbours + path})
	}
	extras := Extras{
		Trust: &trust, Registers: n.registers, Payments: payments, Targets: []string{"http://" + c.GatewayListen},
		Watermark: lang.Text{KK: "ҮЛГІ", RU: "ОБРАЗЕЦ", EN: "SPECIMEN"},
		Demo:      &portal.Demo{People: people(), Keys: filepath.Join(cfg.Data, "demo-ca", "people"), Password: demo.Password},
		Officials: officials(),
	}
	a, err := Open(r.ctx, cfg, extras, r.log)
	if err != nil {
		return err
	}
	for i, b := range a.Catalogue.Bodies {
		a.Catalogue.Bodies[i].BIN = demo.BodyBIN(b.Key)
	}
	if err := a.verifier.Refresh(r.ctx); err != nil {
		return errors.Join(err, a.Close(r.ctx))
	}
	if err := n.seed(r.ctx, a); err != nil {
		return errors.Join(err, a.Close(r.ctx))
	}
	err = a.Serve(r.ctx, func(net.Addr, net.Addr) { c.greet(r, cfg, a.signerOrigin()) })
	return errors.Join(err, a.Close(context.WithoutCancel(r.ctx)))
}

// seed makes the people, officials and registers of the demonstration, and a licence with a history. What is there from an
// earlier start stays.
func (n *neighbours) seed(ctx context.Context, a *App) error {
	if err := demo.Seed(ctx, a.Accounts, a.Store, n.keys, a.World.Now); err != nil {
		return err
	}
	if err := demo.SeedOfficials(ctx, a.Accounts, a.Catalogue.BodyKeys(), nil); err != nil {
		return err
	}
	if _, err := a.Numbering.Import(ctx, access.TheSystem(), demo.Numbers()); err != nil { // what is there is reported as refused
		return err
	}
	if _, err := a.Papers.Load(ctx, paper.File{Name: "demonstration.csv", Content: demo.Papers()}); err != nil {
		return err
	}
	offices := demo.Offices{Store: a.Store, Accounts: a.Accounts, Filing: a.Filing, Documents: a.Documents, Billing: a.Billing, Desk: a.Desk, Acts: a.Acts, Keys: n.keys, Now: a.World.Now}
	offices.Pay = func(ctx context.Context, i charge.Invoice) error {
		body, err := pay.Encode(charge.Notice{ID: hex.EncodeToString(a.World.Random(16)), Invoice: i.ID, Outcome: charge.Settled, Amount: i.Amount, Currency: pay.Currency,
			Receipt: "DEMO", At: a.World.Now()})
		if err != nil {
			return err
		}
		return a.Billing.HandleNotice(ctx, body, pay.Sign(n.secret, "notice", body))
	}
	return offices.Licence(ctx)
}

// allowed refuses a demonstration that others than this machine could reach: its keys are open to everyone.
func (c demoCommand) allowed(cfg config.Config) error {
	for name, address := range map[string]string{"listen": cfg.Listen, "office-listen": cfg.OfficeListen, "signer-listen": cfg.SignerListen, "agent-listen": c.AgentListen, "gateway-listen": c.GatewayListen} {
		host, _, err := net.SplitHostPort(address)
		if err != nil || !config.Loopback(host) {
			return fmt.Errorf("%s: a demonstration listens on this machine only (127.0.0.1:port), not on %q", name, address)
		}
	}
	return nil
}

// sealed makes the seals of the portal and of the bodies that have officials, and names their files in the configuration.
func (n *neighbours) sealed(cfg config.Config) (config.Config, error) {
	cfg.BodySealsFolder, cfg.Seal = filepath.Join(cfg.Data, "demo-seals"), filepath.Join(cfg.Data, "demo-seal.pem")
	if err := os.MkdirAll(cfg.BodySealsFolder, 0o700); err != nil {
		return cfg, err
	}
	files := map[string]ca.Person{cfg.Seal: demo.Seal()}
	for _, o := range demo.Officials() {
		files[filepath.Join(cfg.BodySealsFolder, o.Body+".pem")] = demo.BodySeal(o.Body)
	}
	for file, person := range files {
		pair, err := n.authority.Issue(person)
		if err != nil {
			return cfg, err
		}
		key, err := x509.MarshalPKCS8PrivateKey(pair.Key)
		if err != nil {
			return cfg, err
		}
		both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
		if err := os.WriteFile(file, both, 0o600); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// start starts authority, agent and gateway.
func (c demoCommand) start(r *run, cfg config.Config) (*neighbours, *pay.Gateway, error) {
	n := &neighbours{keys: map[string]ca.KeyPair{}}
	var err error
	if n.authority, err = ca.Open(filepath.Join(cfg.Data, "demo-ca"), ca.Options{Now: world{}.Now}); err != nil {
		return nil, nil, err
	}
	var pairs []ca.KeyPair
	for _, p := range demo.People() {
		rsa, national, err := demo.Keys(n.authority, p.Key)
		if err != nil {
			return nil, nil, err
		}
		n.keys[p.Key.Name()] = rsa
		pairs = append(pairs, rsa, national)
	}
	for _, o := range demo.Officials() {
		rsa, national, err := demo.Keys(n.authority, o.Key())
		if err != nil {
			return nil, nil, err
		}
		n.keys[o.Key().Name()] = rsa
		pairs = append(pairs, rsa, national)
	}
	if n.secret, err = demoSecret(cfg.Data); err != nil {
		return nil, nil, err
	}
	if n.gateway, err = gateway.New(gateway.Settings{Secret: n.secret, Callback: "http://" + cfg.Listen + "/callbacks/payment", Now: world{}.Now, ID: world{}.ID, Log: r.log}); err != nil {
		return nil, nil, err
	}
	payments, err := pay.New(pay.Config{Page: "http://" + c.GatewayListen + "/pay", Merchant: merchant, Secrets: [][]byte{n.secret}, Origin: cfg.Origin})
	if err != nil {
		return nil, nil, err
	}
	token := hex.EncodeToString(world{}.Random(16))
	n.registers, err = gov.New(gov.Config{URL: "http://" + c.GatewayListen + registersPath, Token: token, Now: world{}.Now, Log: r.log})
	if err != nil {
		return nil, nil, err
	}
	agent := ncalayer.New(ncalayer.Options{Keys: func() []ca.KeyPair { return pairs }, Now: world{}.Now, Origins: []string{cfg.Origin, cfg.OfficeOrigin}})
	mux := http.NewServeMux()
	mux.Handle("/pay", n.gateway)
	for _, path := range append(n.authority.ListPaths(), ca.OCSPPath) {
		mux.Handle(path, n.authority.Handler())
	}
	stamper, err := n.authority.Stamper()
	if err != nil {
		return nil, nil, err
	}
	mux.Handle(ca.StampPath, stamper)
	telephone, err := phone.New(phone.Settings{Portal: cfg.Origin, Keys: func() []ca.KeyPair { return pairs }, Now: world{}.Now})
	if err != nil {
		return nil, nil, err
	}
	mux.Handle(phone.Path, telephone)
	mux.Handle(registersPath+"/", http.StripPrefix(registersPath, registers.New(world{}.Now).Handler(token)))
	if err := n.listen(r, c.AgentListen, agent); err != nil {
		return nil, nil, err
	}
	if err := n.listen(r, c.GatewayListen, mux); err != nil {
		n.stop()
		return nil, nil, err
	}
	return n, payments, nil
}

func (n *neighbours) listen(r *run, address string, h http.Handler) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s := HTTPServer(h, r.log)
	n.servers = append(n.servers, s)
	n.wait.Go(func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			r.log.Error("demo neighbour ended", "error", err)
		}
	})
	return nil
}

func (n *neighbours) stop() {
	for _, s := range n.servers {
		_ = s.Close() // connections of a double are worth nothing
	}
	n.gateway.Close()
	n.wait.Wait()
}

// demoSecret is shared by the portal and the simulator; it is made once.
func demoSecret(data string) ([]byte, error) {
	file := filepath.Join(data, "demo-ca", "gateway.secret")
	b, err := os.ReadFile(file)
	if err == nil {
		return []byte(strings.TrimSpace(string(b))), nil
	}
	secret := hex.EncodeToString(world{}.Random(32))
	return []byte(secret), os.WriteFile(file, []byte(secret+"\n"), 0o600)
}

// people are shown in the guide on the home page.
func people() []portal.DemoPerson {
	var list []portal.DemoPerson
	for _, p := range demo.People() {
		if p.Key.Kind == ca.Employee {
			continue // has a key and no account: it shows what a certificate without the right to sign meets
		}
		list = append(list, portal.DemoPerson{Name: p.Title(), Role: p.Role, Number: p.Number(), Password: demo.Password})
	}
	return list
}

// officials are shown on the internal portal's log-in page.
func officials() []office.DemoOfficial {
	var list []office.DemoOfficial
	for _, o := range demo.Officials() {
		list = append(list, office.DemoOfficial{Name: o.Name(), Login: o.Login, Password: demo.Password, Role: o.Role, Group: o.Group})
	}
	return list
}

// greet says where to go.
func (c demoCommand) greet(r *run, cfg config.Config, signer string) {
	if signer == "" {
		signer = "not in this binary: `make demo` builds it in"
	}
	fmt.Fprintf(r.out, `
E-licensing, a demonstration: made-up people, no legal force.

  portal            %s
  internal portal   http://%s
  payment gateway   http://%s  (simulator)
  signing page      %s  (signs with a key file)
  signing agent     %s  (signs with the demo keys)
  telephone         http://%s%s  (simulator of eGov Mobile)
  mail and SMS      %s  (a file each)
  keys              %s  (.p12 files open with %s)

Log in, for example, with the BIN %s and the password %s; to the internal portal with its buttons. Ctrl+C stops; the data stay in %s.
`, cfg.Origin, cfg.OfficeListen, c.GatewayListen, signer, cfg.Agent, c.GatewayListen, phone.Path, cfg.NoticeFolder, filepath.Join(cfg.Data, "demo-ca", "people"), demo.Password, demo.TradeBIN(), demo.Password, cfg.Data)
}
