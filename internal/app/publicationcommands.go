package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/access"
	"elicense/internal/cases"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/classifier"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/publication"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/locales"
	"elicense/services"
)

// openPublication assembles what proposing needs, over the database of the configuration. iin names the person at the
// command line; it is taken at their word, so it serves for proposing and never for approving.
func openPublication(r *run, iin string) (*publication.Publication, func(), error) {
	store, err := openReady(r)
	if err != nil {
		return nil, nil, err
	}
	fail := func(err error) (*publication.Publication, func(), error) {
		return nil, nil, errors.Join(err, store.Close())
	}
	a := &App{Config: r.cfg, Store: store, World: world{}}
	if a.mci, err = r.cfg.Indices(); err != nil {
		return fail(err)
	}
	if a.Texts, err = lang.Load(locales.Files); err != nil {
		return fail(err)
	}
	set, err := classifier.Load()
	if err != nil {
		return fail(err)
	}
	a.Reference = reference.New(set, store, a.World)
	if a.Catalogue, err = catalogue.New(store, a.World, services.Files); err != nil {
		return fail(err)
	}
	if err := a.Catalogue.Load(r.ctx); err != nil {
		return fail(err)
	}
	a.casework = &casework.Casework{World: a.World, Catalogue: a.Catalogue, Reference: a.Reference, Texts: a.Texts, MCI: a.mci}
	operator := func(_ context.Context, _ port.View, actor access.Actor) (string, error) {
		if actor.Role != access.Operator {
			return "", fault.New(fault.Denied, "fault.denied")
		}
		return iin, nil
	}
	return a.publication(operator), func() { _ = store.Close() }, nil // everything is committed by then
}

// textOf gives the folder of a service: one on the disk, or the built-in one of a key, so that an operator who has nothing
// but the program can see and propose the text that it carries.
func textOf(arg string) (fs.FS, error) {
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		return os.DirFS(arg), nil
	}
	if builtIn, err := service.Folders(services.Files); err != nil || !slices.Contains(builtIn, arg) {
		return nil, usageError("neither a folder nor the key of a built-in service: " + arg)
	}
	return fs.Sub(services.Files, arg)
}

type serviceDiffCommand struct {
	Dir     string `arg:"" help:"Folder of the service, or the key of a built-in one."`
	Against string `help:"Number of a published revision, or another folder; empty: the newest revision."`
	Format  string `enum:"text,json" default:"text" help:"text or json."`
}

// Run prints what the folder changes; exit 1 when its text has mistakes.
func (c serviceDiffCommand) Run(r *run) error {
	folder, err := textOf(c.Dir)
	if err != nil {
		return err
	}
	src, err := service.ReadSource(folder)
	if err != nil {
		return err
	}
	_, _, library, err := service.ReadCommon(services.Files)
	if err != nil {
		return err
	}
	after, err := service.NewRevision(src, library, 0)
	if err != nil {
		fmt.Fprintln(r.out, err)
		return errWrong
	}
	before, err := c.before(r, library, after.Service)
	if err != nil {
		return err
	}
	changes := service.Diff(before, after.Definition)
	r.json = r.json || c.Format == "json"
	r.print(map[string]any{"service": after.Service, "digest": after.Digest, "changes": orNone(changes)}, changesText(changes))
	return nil
}

// before gives the definition to compare with; an empty one where the service is new.
func (c serviceDiffCommand) before(r *run, library *service.Library, key string) (*service.Definition, error) {
	number, err := strconv.Atoi(c.Against)
	if c.Against != "" && err != nil {
		src, err := service.ReadSource(os.DirFS(c.Against))
		if err != nil {
			return nil, err
		}
		d, _, err := service.Parse(src, library)
		return d, err
	}
	p, done, err := openPublication(r, "")
	if err != nil {
		return nil, err
	}
	defer done()
	if number > 0 {
		rev, err := p.Catalogue.Revision(r.ctx, key, number)
		if err != nil {
			return nil, fmt.Errorf("revision %d of %s: %w", number, key, err)
		}
		return rev.Definition, nil
	}
	if rev, err := p.Catalogue.Service(key); err == nil {
		return rev.Definition, nil
	}
	return &service.Definition{}, nil
}

func orNone(changes []service.Change) []service.Change {
	if changes == nil {
		return []service.Change{}
	}
	return changes
}

// changesText writes one change a line, in English where a text has it.
func changesText(changes []service.Change) string {
	if len(changes) == 0 {
		return "no differences"
	}
	lines := make([]string, len(changes))
	for i, c := range changes {
		before, _ := c.Old.In(lang.EN)
		after, _ := c.New.In(lang.EN)
		name, _ := c.Name.In(lang.EN)
		lines[i] = fmt.Sprintf("%-10s %-8s %s", c.Importance, c.Kind, c.Path)
		switch {
		case c.Old == c.New:
			lines[i] += ": " + name
		case before == after: // it differs in another language
			lines[i] += fmt.Sprintf(": %q, now %q", c.Old.KK, c.New.KK)
		default:
			lines[i] += fmt.Sprintf(": %q, now %q", before, after)
		}
	}
	return strings.Join(lines, "\n")
}

type servicePublishCommand struct {
	Dir  string `arg:"" help:"Folder of the service, or the key of a built-in one."`
	By   string `required:"" help:"IIN of the person who proposes it."`
	Note string `help:"What the change is for."`
}

// Run proposes the folder; exit 1 when its text has mistakes or a case decides otherwise than written.
func (c servicePublishCommand) Run(r *run) error {
	if _, err := ident.ParseIIN(c.By); err != nil {
		return usageError("--by: not an IIN")
	}
	folder, err := textOf(c.Dir)
	if err != nil {
		return err
	}
	src, replayed, err := cases.Read(folder)
	if err != nil {
		return err
	}
	p, done, err := openPublication(r, c.By)
	if err != nil {
		return err
	}
	defer done()
	e, err := p.Examine(src, replayed)
	if err != nil {
		fmt.Fprintln(r.out, err)
		return errWrong
	}
	if !r.json {
		fmt.Fprintln(r.out, changesText(e.Changes))
		for _, f := range e.Failed() {
			fmt.Fprintf(r.out, "%s: %s\n  %s\n", f.File, f.Name, strings.Join(f.Wrong, "\n  "))
		}
		fmt.Fprintf(r.out, "%d cases, %d failed\n", len(e.Results), len(e.Failed()))
	}
	id, err := p.Propose(r.ctx, access.TheOperator(), src, replayed, c.Note)
	if f, ok := fault.As(err); ok && (f.Key == publication.KeyCases || f.Key == publication.KeyUnchanged) {
		r.print(map[string]any{"proposed": false, "reason": f.Key, "cases": e.Results}, "not proposed: "+f.Key)
		return errWrong
	}
	if err != nil {
		return err
	}
	r.print(map[string]any{"proposed": true, "id": id, "service": e.Revision.Service, "digest": e.Revision.Digest, "changes": orNone(e.Changes), "cases": e.Results},
		"proposed as "+id+"; another person approves it at the office")
	return nil
}

type serviceProposalsCommand struct{}

// Run lists the newest proposals.
func (serviceProposalsCommand) Run(r *run) error {
	p, done, err := openPublication(r, "")
	if err != nil {
		return err
	}
	defer done()
	list, err := p.Proposals(r.ctx, access.TheOperator(), 50)
	if err != nil {
		return err
	}
	rows, lines := []map[string]any{}, []string{}
	for _, x := range list {
		state := "open"
		switch {
		case x.Verdict.Approved:
			state = "revision " + strconv.Itoa(x.Verdict.Number)
		case x.Decided():
			state = "rejected"
		}
		rows = append(rows, map[string]any{"id": x.ID, "service": x.Service, "base": x.Base, "digest": x.Digest, "at": x.At, "state": state, "note": x.Note})
		lines = append(lines, fmt.Sprintf("%s %s %s %s", x.ID, x.At.Format("2006-01-02 15:04"), x.Service, state))
	}
	r.print(map[string]any{"proposals": rows}, strings.Join(append(lines, fmt.Sprintf("%d proposals", len(list))), "\n"))
	return nil
}

type serviceImpactCommand struct {
	Dir      string `arg:"" optional:"" help:"Folder of the service, or the key of a built-in one."`
	Proposal string `help:"Id of a proposal, instead of a folder."`
}

// Run prints one line for each application that the text would alter, and the counts.
func (c serviceImpactCommand) Run(r *run) error {
	if (c.Dir == "") == (c.Proposal == "") {
		return usageError("name a folder or --proposal")
	}
	p, done, err := openPublication(r, "")
	if err != nil {
		return err
	}
	defer done()
	var src, replayed service.Source
	if c.Dir != "" {
		folder, err := textOf(c.Dir)
		if err != nil {
			return err
		}
		if src, replayed, err = cases.Read(folder); err != nil {
			return err
		}
	} else {
		x, err := p.Proposal(r.ctx, access.TheOperator(), c.Proposal)
		if err != nil {
			return err
		}
		src, replayed = x.Source, x.Cases
	}
	e, err := p.Examine(src, replayed)
	if err != nil {
		fmt.Fprintln(r.out, err)
		return errWrong
	}
	total, err := p.Impact(r.ctx, e, func(a publication.Affected) error {
		r.print(a, affectedText(a))
		return nil
	})
	if err != nil {
		return err
	}
	r.print(total, fmt.Sprintf("%d drafts, %d altered: %d fees, %d with documents newly asked, %d with new problems, %d with fewer; %d registered or being signed, %d of them decided otherwise; %d unreadable",
		total.Drafts, total.Altered, total.Fees, total.Documents, total.Gained, total.Lost, total.Registered, total.Otherwise, total.Unreadable))
	return nil
}

func affectedText(a publication.Affected) string {
	parts := []string{a.Number, string(a.State)}
	add := func(what string, keys []string) {
		if len(keys) > 0 {
			parts = append(parts, what+" "+strings.Join(keys, ","))
		}
	}
	add("problems+", a.Gained)
	add("problems-", a.Lost)
	add("documents+", a.Documents)
	if a.FeeWas != a.FeeIs {
		parts = append(parts, fmt.Sprintf("fee %s -> %s", a.FeeWas, a.FeeIs))
	}
	if a.Branch != a.Would {
		parts = append(parts, fmt.Sprintf("decision %s -> %s", a.Branch, a.Would))
	}
	if a.Failed {
		parts = append(parts, "a rule fails")
	}
	return strings.Join(parts, "  ")
}
