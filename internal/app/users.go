package app

import (
	"errors"
	"fmt"
	"strings"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/catalogue"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/locales"
	"elicense/services"
)

// operator is who makes officials' accounts in the rows of the audit: whoever has the database and its configuration.
const operator = "operator"

type userAddCommand struct {
	Login      string   `arg:"" help:"Name to log in with: small letters, digits, dots, hyphens."`
	IIN        string   `name:"iin" required:"" help:"IIN of the person. Two accounts of one person never make four eyes."`
	Surname    string   `required:"" help:"Surname."`
	GivenName  string   `name:"given-name" required:"" help:"Given name."`
	Patronymic string   `help:"Patronymic, if any."`
	Body       string   `required:"" help:"Key of the state body, as in services/catalogue.yaml."`
	Department string   `help:"Key of a department of the body, if any."`
	Duty       []string `required:"" help:"Duties: registrar, executor, approver, head, publisher, administrator, auditor. May be repeated."`
}

// Run makes the account.
func (c userAddCommand) Run(r *run) error {
	return r.withOfficials(func(d officialsDesk) error {
		o := access.Official{Login: c.Login, Person: c.IIN, Surname: c.Surname, GivenName: c.GivenName, Patronymic: c.Patronymic, Body: c.Body, Department: c.Department}
		for _, duty := range c.Duty {
			o.Duties = append(o.Duties, access.Duty(duty))
		}
		o, password, err := d.accounts.AddOfficial(r.ctx, operator, o, d.catalogue.BodyKeys())
		if err != nil {
			return d.said(err)
		}
		r.print(map[string]string{"id": o.ID, "login": o.Login, "password": password},
			fmt.Sprintf("%s can log in with the password %s, and must choose another one then; it is not shown again.", o.Login, password))
		return nil
	})
}

type userListCommand struct {
	Body string `help:"Only of this state body."`
}

// Run lists the officials, a line each, without numbers of persons.
func (c userListCommand) Run(r *run) error {
	return r.withOfficials(func(d officialsDesk) error {
		list, err := d.accounts.Officials(r.ctx, c.Body)
		if err != nil {
			return err
		}
		var lines []string
		rows := []map[string]any{}
		for _, o := range list {
			state := "works"
			switch {
			case !o.BlockedAt.IsZero():
				state = "blocked"
			case o.Initial():
				state = "has not logged in"
			}
			lines = append(lines, fmt.Sprintf("%-20s %-10s %-40s %s", o.Login, o.Body, fmt.Sprint(o.Duties), state))
			rows = append(rows, map[string]any{"login": o.Login, "body": o.Body, "department": o.Department, "duties": o.Duties, "state": state})
		}
		r.print(map[string]any{"officials": rows}, strings.Join(lines, "\n"))
		return nil
	})
}

type userBlockCommand struct {
	Login string `arg:"" help:"Name of the official."`
}

// Run blocks the account.
func (c userBlockCommand) Run(r *run) error { return block(r, c.Login, false) }

type userUnblockCommand struct {
	Login string `arg:"" help:"Name of the official."`
}

// Run unblocks the account.
func (c userUnblockCommand) Run(r *run) error { return block(r, c.Login, true) }

func block(r *run, login string, unblock bool) error {
	return r.withOfficials(func(d officialsDesk) error {
		if err := d.accounts.BlockOfficial(r.ctx, operator, login, unblock); err != nil {
			return d.said(err)
		}
		r.print(map[string]any{"login": login, "blocked": !unblock}, "done")
		return nil
	})
}

// officialsDesk is what the commands about officials need of the program.
type officialsDesk struct {
	accounts  *account.Accounts
	catalogue *catalogue.Catalogue
	texts     *lang.Catalogue
}

// withOfficials runs a command over the database; the program may serve meanwhile.
func (r *run) withOfficials(f func(d officialsDesk) error) error {
	store, err := openReady(r)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // everything is committed by then
	var d officialsDesk
	if d.accounts, err = account.New(store, world{}, nil, account.Settings{}); err != nil {
		return err
	}
	if d.catalogue, err = catalogue.New(store, world{}, services.Files); err != nil {
		return err
	}
	if d.texts, err = lang.Load(locales.Files); err != nil {
		return err
	}
	return f(d)
}

// said writes a fault in the words that the pages have, with each of its fields.
func (d officialsDesk) said(err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind == fault.Internal {
		return err
	}
	say := d.texts.In(lang.EN)
	if len(f.Fields) == 0 {
		return errors.New(say.T(f.Key))
	}
	var lines []error
	for _, field := range f.Fields {
		lines = append(lines, fmt.Errorf("--%s: %s", field.Path, say.T(field.Key)))
	}
	return errors.Join(lines...)
}
