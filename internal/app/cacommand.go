package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/ident"
)

// caFolder is the folder of a demonstration authority.
type caFolder struct {
	Dir string `name:"dir" required:"" help:"Folder of the authority, as elicense demo has it in DATA/demo-ca."`
}

func (f caFolder) open() (*ca.CA, error) { return ca.Open(f.Dir, ca.Options{Now: world{}.Now}) }

// opened opens an authority that is there already: a slip of the pen in --dir makes no second one.
func (f caFolder) opened() (*ca.CA, error) {
	if _, err := os.Stat(filepath.Join(f.Dir, "authority")); err != nil {
		return nil, fmt.Errorf("there is no authority in %s: elicense ca make makes one", f.Dir)
	}
	return f.open()
}

// writeLists writes the revocation lists into the folder lists and tells their names.
func (f caFolder) writeLists(c *ca.CA) ([]string, error) {
	lists, err := c.Lists()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(f.Dir, "lists"), 0o700); err != nil {
		return nil, err
	}
	var files []string
	for _, l := range lists {
		file := filepath.Join(f.Dir, "lists", filepath.Base(l.Path))
		if err := os.WriteFile(file, l.DER, 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

type caMakeCommand struct{ caFolder }

// Run makes the authority, or adds to an older one what it lacks.
func (c caMakeCommand) Run(r *run) error {
	authority, err := c.open()
	if err != nil {
		return err
	}
	lists, err := c.writeLists(authority)
	if err != nil {
		return err
	}
	r.print(map[string]any{"anchors": authority.AnchorsFolder(), "authorities": authority.IntermediatesFolder(), "lists": lists},
		fmt.Sprintf("roots of RSA, GOST R 34.10-2015 and GOST 34.310-2004 in %s, issuing authorities in %s, revocation lists in %s",
			authority.AnchorsFolder(), authority.IntermediatesFolder(), filepath.Join(c.Dir, "lists")))
	return nil
}

type caIssueCommand struct {
	caFolder
	Kind         string `name:"kind" required:"" enum:"individual,sole-proprietor,head,right-to-sign,financial,hr,employee,system" help:"individual, sole-proprietor, head, right-to-sign, financial, hr, employee, or system (an information system)."`
	Algorithm    string `name:"algorithm" default:"gost512" enum:"rsa,gost512,gost256,gost2004" help:"rsa, gost512, gost256, or gost2004 (the state bodies' authority)."`
	IIN          string `name:"iin" help:"IIN of the person; not for a system."`
	BIN          string `name:"bin" help:"BIN of the organisation."`
	Surname      string `name:"surname" help:"Surname."`
	GivenName    string `name:"given-name" help:"Given name."`
	Patronymic   string `name:"patronymic" help:"Patronymic."`
	Email        string `name:"email" help:"Address for mail."`
	Organisation string `name:"organisation" help:"Name of the organisation."`
	System       string `name:"system" help:"Name of the information system."`
	Password     string `name:"password" env:"ELICENSE_CA_PASSWORD" help:"Password of the .p12 file; empty: no such file."`
}

// person is whom the key is for.
func (c caIssueCommand) person() ca.Person {
	return ca.Person{Kind: ca.Kind(c.Kind), IIN: c.IIN, BIN: c.BIN, Surname: c.Surname, GivenName: c.GivenName, Patronymic: c.Patronymic, Email: c.Email,
		Organisation: c.Organisation, System: c.System}
}

// Validate names the flag that is missing or wrong.
func (c caIssueCommand) Validate() error {
	kind := ca.Kind(c.Kind)
	if !slices.Contains(ca.Kinds(), kind) {
		return nil // the flag's own list says so
	}
	person, entity, system := kind != ca.System, kind != ca.Individual && kind != ca.SoleProprietor, kind == ca.System
	var wrong []error
	for _, f := range []struct {
		flag, value string
		wanted      bool
	}{{"--iin", c.IIN, person}, {"--surname", c.Surname, person}, {"--given-name", c.GivenName, person},
		{"--bin", c.BIN, entity}, {"--organisation", c.Organisation, entity}, {"--system", c.System, system}} {
		switch {
		case f.wanted && f.value == "":
			wrong = append(wrong, fmt.Errorf("%s is needed for %s", f.flag, kind))
		case !f.wanted && f.value != "":
			wrong = append(wrong, fmt.Errorf("%s is not for %s", f.flag, kind))
		}
	}
	if _, err := ident.ParseIIN(c.IIN); c.IIN != "" && err != nil {
		wrong = append(wrong, fmt.Errorf("--iin: %q is no IIN", c.IIN))
	}
	if _, err := ident.ParseBIN(c.BIN); c.BIN != "" && err != nil {
		wrong = append(wrong, fmt.Errorf("--bin: %q is no BIN", c.BIN))
	}
	return errors.Join(wrong...)
}

// issued is what ca issue prints.
type issued struct {
	Certificate string    `json:"certificate"`
	Key         string    `json:"key"`
	P12         string    `json:"p12,omitempty"`
	Algorithm   string    `json:"algorithm"`
	Serial      string    `json:"serial"` // hex
	NotAfter    time.Time `json:"not_after"`
}

// Run issues the key, or gives again the one that is valid still.
func (c caIssueCommand) Run(r *run) error {
	authority, err := c.opened()
	if err != nil {
		return err
	}
	pair, err := authority.IssueAs(c.person(), ca.Algorithm(c.Algorithm), "")
	if err != nil {
		return err
	}
	file := filepath.Join(c.Dir, "people", pair.Name)
	out := issued{Certificate: file + ".pem", Key: file + ".key.pem", Algorithm: cms.NewIssuer(pair.Certificate).Algorithm(),
		Serial: fmt.Sprintf("%x", pair.Certificate.SerialNumber), NotAfter: pair.Certificate.NotAfter.UTC()}
	if c.Password != "" {
		out.P12 = file + ".p12"
		if err := pair.WriteP12(out.P12, c.Password); err != nil {
			return err
		}
	}
	r.print(out, strings.TrimSpace(fmt.Sprintf("%s\n%s\n%s", out.Certificate, out.Key, out.P12)))
	return nil
}

type caRevokeCommand struct {
	caFolder
	Files []string `arg:"" help:"Certificates (DER, PEM)."`
}

// Run revokes; a second time changes nothing.
func (c caRevokeCommand) Run(r *run) error {
	authority, err := c.opened()
	if err != nil {
		return err
	}
	for _, file := range c.Files {
		certificate, err := certificateIn(file)
		if f, ok := fault.As(err); ok {
			return fmt.Errorf("%s: %s", file, f.Key)
		}
		if err != nil {
			return err
		}
		if err := authority.Revoke(certificate); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	lists, err := c.writeLists(authority)
	if err != nil {
		return err
	}
	r.print(map[string]any{"revoked": len(c.Files), "lists": lists}, fmt.Sprintf("%d revoked\n%s", len(c.Files), strings.Join(lists, "\n")))
	return nil
}

type caListCommand struct{ caFolder }

// Run writes the revocation lists, each good for a day.
func (c caListCommand) Run(r *run) error {
	authority, err := c.opened()
	if err != nil {
		return err
	}
	files, err := c.writeLists(authority)
	if err != nil {
		return err
	}
	r.print(map[string]any{"lists": files}, strings.Join(files, "\n"))
	return nil
}
