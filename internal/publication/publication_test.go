package publication_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/cases"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/classifier"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/publication"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/internal/sqlstore"
	"elicense/locales"
	"elicense/services"
)

type still struct{ n int }

func (w *still) Now() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }
func (w *still) ID() string {
	w.n++
	return fmt.Sprintf("00000000-0000-7000-8000-%012d", w.n)
}
func (w *still) Random(n int) []byte { return bytes.Repeat([]byte{7}, n) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// office has two people, one of whom uses two accounts.
type office struct {
	*publication.Publication
	t     *testing.T
	other *catalogue.Catalogue // another node's
}

func person(account string) access.Actor {
	return access.Actor{Role: access.Operator, Account: account}
}

func open(t *testing.T) *office {
	t.Helper()
	world := &still{}
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "p.db"), sqlstore.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	must(t, store.Migrate(t.Context()))
	texts, err := lang.Load(locales.Files)
	must(t, err)
	set, err := classifier.Load()
	must(t, err)
	node := func() *catalogue.Catalogue {
		c, err := catalogue.New(store, world, services.Files)
		must(t, err)
		return c
	}
	o := &office{t: t, other: node(), Publication: &publication.Publication{Store: store, World: world, Catalogue: node(), Reference: reference.New(set, store, world)}}
	o.Casework = &casework.Casework{World: world, Catalogue: o.Catalogue, Reference: o.Reference, Texts: texts, MCI: money.Seed()}
	o.Cases = cases.World{Library: o.Catalogue.Library(), Set: set, MCI: money.Seed(), Texts: texts}
	o.Publisher = func(_ context.Context, _ port.View, a access.Actor) (string, error) {
		iin, ok := map[string]string{"first": "1", "first-again": "1", "second": "2"}[a.Account]
		if !ok {
			return "", fault.New(fault.Denied, "fault.denied")
		}
		return iin, nil
	}
	return o
}

func (o *office) text(pairs ...string) (src, replayed service.Source) {
	o.t.Helper()
	folder, err := fs.Sub(services.Files, "trade-licence")
	must(o.t, err)
	src, replayed, err = cases.Read(folder)
	must(o.t, err)
	for i := 0; i+1 < len(pairs); i += 2 {
		changed := bytes.ReplaceAll(src["service.yaml"], []byte(pairs[i]), []byte(pairs[i+1]))
		if bytes.Equal(changed, src["service.yaml"]) {
			o.t.Fatalf("no %q", pairs[i])
		}
		src["service.yaml"] = changed
	}
	return src, replayed
}

func (o *office) propose(pairs ...string) string {
	o.t.Helper()
	src, replayed := o.text(pairs...)
	id, err := o.Propose(o.t.Context(), person("first"), src, replayed, "why")
	must(o.t, err)
	return id
}

func (o *office) is(err error, key string) {
	o.t.Helper()
	if !fault.Is(err, key) {
		o.t.Errorf("got %v, want %s", err, key)
	}
}

func TestTwoPeoplePublish(t *testing.T) {
	o, ctx := open(t), t.Context()
	id := o.propose()
	_, err := o.Approve(ctx, person("first"), id)
	o.is(err, publication.KeySamePerson)
	_, err = o.Approve(ctx, person("first-again"), id) // another account of the same person
	o.is(err, publication.KeySamePerson)
	_, err = o.Approve(ctx, person("stranger"), id)
	o.is(err, "fault.denied")
	if _, err := o.Catalogue.Service("trade-licence"); err == nil {
		t.Fatal("a proposal is no revision")
	}
	look, err := o.Look(ctx, person("second"), id, 10)
	must(t, err)
	if look.Mine || look.Mistakes != "" || len(look.Examined.Changes) == 0 || len(look.Examined.Results) == 0 || look.Proposal.Note != "why" {
		t.Errorf("%+v", look.Proposal)
	}
	rev, err := o.Approve(ctx, person("second"), id)
	must(t, err)
	if rev.Number != 1 {
		t.Errorf("revision %d", rev.Number)
	}
	// Another node learns of it, and the rows of its directories came in the same unit.
	must(t, o.other.Refresh(ctx))
	if there, err := o.other.Service("trade-licence"); err != nil || there.Digest != rev.Digest {
		t.Errorf("the other node: %v", err)
	}
	must(t, o.Store.View(ctx, func(v port.View) error {
		rows, err := v.Directories().Rows(ctx, "trade-licence/licensed_goods")
		if len(rows) == 0 {
			t.Error("no rows")
		}
		return err
	}))
	_, err = o.Approve(ctx, person("second"), id)
	o.is(err, publication.KeyDecided)
	src, replayed := o.text()
	_, err = o.Propose(ctx, person("first"), src, replayed, "")
	o.is(err, publication.KeyUnchanged)
	// Of two proposals on one revision the second grows stale.
	a, b := o.propose("working_days: 1", "working_days: 11"), o.propose("working_days: 1", "working_days: 12")
	_, err = o.Approve(ctx, person("second"), a)
	must(t, err)
	_, err = o.Approve(ctx, person("second"), b)
	o.is(err, publication.KeyStale)
	if f, ok := fault.As(o.Reject(ctx, person("second"), b, " ")); !ok || len(f.Fields) != 1 || f.Fields[0].Key != publication.KeyReason {
		t.Errorf("a rejection without a reason: %+v", f)
	}
	must(t, o.Reject(ctx, person("first"), b, "stale"))
	list, err := o.Proposals(ctx, person("second"), 10)
	must(t, err)
	if len(list) != 3 || list[0].ID != b || list[0].Verdict.Approved || list[0].Verdict.Reason != "stale" || list[1].Verdict.Number != 2 {
		t.Errorf("%+v", list)
	}
}

// A case that fails stops both the proposal and, where the program decides otherwise by then, the approval.
func TestFailingCaseStops(t *testing.T) {
	o, ctx := open(t), t.Context()
	src, replayed := o.text("!listed.found", "listed.found")
	_, err := o.Propose(ctx, person("first"), src, replayed, "")
	o.is(err, publication.KeyCases)
	src, _ = o.text()
	_, err = o.Propose(ctx, person("first"), src, nil, "")
	o.is(err, publication.KeyCases)
	list, err := o.Proposals(ctx, person("first"), 10)
	must(t, err)
	if len(list) != 0 {
		t.Error("it was stored")
	}
	id := o.propose()
	o.Cases.MCI = nil // the fees of the cases are none now
	_, err = o.Approve(ctx, person("second"), id)
	o.is(err, publication.KeyCases)
	if _, err := o.Catalogue.Service("trade-licence"); err == nil {
		t.Error("it was published")
	}
	// A text that names what the catalogue does not have is no text to publish.
	src, replayed = o.text()
	src["service.yaml"] = bytes.Replace(src["service.yaml"], []byte("bodies: ["), []byte("bodies: [nobody, "), 1)
	if _, err := o.Propose(ctx, person("first"), src, replayed, ""); err == nil {
		t.Error("an unknown state body was accepted")
	}
}

func TestImpact(t *testing.T) {
	o, ctx := open(t), t.Context()
	_, err := o.Approve(ctx, person("second"), o.propose())
	must(t, err)
	must(t, o.Store.Update(ctx, func(tx port.Tx) error {
		for i := range 130 {
			p := party.Party{ID: fmt.Sprint("p", i), Number: fmt.Sprintf("%012d", i), Kind: party.Organisation, Version: 1}
			acc := party.Account{ID: fmt.Sprint("a", i), Party: p, IIN: p.Number, Version: 1}
			tx.Write().Accounts().AddParty(p)
			tx.Write().Accounts().AddAccount(acc)
			a := application.Application{Number: fmt.Sprintf("KZ%03d", i), Service: "trade-licence", Revision: 1, Operation: "issue", Body: "mti", Party: p.ID, Account: acc.ID,
				State: application.Draft, Version: 1, Answers: map[string]string{"permit_kind": "import", "seller": "Example"}, Sources: map[string]application.Source{}}
			switch i {
			case 3:
				a.State, a.SentAt = application.Registered, o.World.Now()
			case 4:
				a.State = application.Issued
			}
			tx.Write().Applications().Add(a)
		}
		return nil
	}))
	impact := func(pairs ...string) (publication.Impact, []publication.Affected) {
		t.Helper()
		e, err := o.Examine(o.text(pairs...))
		must(t, err)
		var list []publication.Affected
		total, err := o.Impact(ctx, e, func(a publication.Affected) error {
			list = append(list, a)
			return nil
		})
		must(t, err)
		return total, list
	}
	total, list := impact("working_days: 1", "working_days: 11")
	if want := (publication.Impact{Drafts: 128, Registered: 1}); total != want || len(list) != 0 {
		t.Errorf("%+v, %d", total, len(list))
	}
	total, list = impact("fee: 10 * mci", "fee: 20 * mci", "- key: seller\n", "- key: trader\n", "{seller}", "{trader}")
	if total.Fees != 128 || total.Altered != 128 || len(list) != 128 || list[0].Number != "KZ000" || list[0].FeeIs != 2*list[0].FeeWas || !slices.Contains(list[0].Gained, "trader") {
		t.Errorf("%+v, %+v", total, list[:1])
	}
	total, list = impact("!listed.found", "listed.found")
	if total.Otherwise != 1 || len(list) != 1 || list[0].Number != "KZ003" || list[0].Branch == list[0].Would {
		t.Errorf("%+v, %+v", total, list)
	}
}

// What changes in the rows of a directory is told by code.
func TestLookComparesRows(t *testing.T) {
	o := open(t)
	_, err := o.Approve(t.Context(), person("second"), o.propose())
	must(t, err)
	src, replayed := o.text()
	const file = "licensed_goods.csv"
	src[file] = bytes.Replace(src[file], []byte("7103,export,"), []byte("7112,export,"), 1)
	src[file] = bytes.Replace(src[file], []byte(`7110,export,"Өңделмеген`), []byte(`7110,export,"Өңделген`), 1)
	id, err := o.Propose(t.Context(), person("first"), src, replayed, "")
	must(t, err)
	look, err := o.Look(t.Context(), person("second"), id, 1)
	must(t, err)
	want := publication.RowChanges{Directory: look.Rows[0].Directory, Added: []string{"7112 export"}, Removed: []string{"7103 export"}, Changed: []string{"7110 export"}}
	if len(look.Rows) != 1 || !reflect.DeepEqual(look.Rows[0], want) {
		t.Errorf("%+v", look.Rows)
	}
}

// Two services never share a code of document numbers.
func TestCodesOfNumbersAreOneServices(t *testing.T) {
	o := open(t)
	_, err := o.Approve(t.Context(), person("second"), o.propose())
	must(t, err)
	src, replayed := o.text("key: trade-licence\n", "key: trade-licence-too\n")
	if _, err := o.Propose(t.Context(), person("first"), src, replayed, ""); err == nil || !strings.Contains(err.Error(), "is that of trade-licence") {
		t.Errorf("%v", err)
	}
	src, replayed = o.text("key: trade-licence\n", "key: trade-licence-too\n", "numbers: {application: RTL, permit: LTL}", "numbers: {application: RTO, permit: LTO}")
	if _, err := o.Propose(t.Context(), person("first"), src, replayed, ""); err != nil {
		t.Error(err)
	}
}
