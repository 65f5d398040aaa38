package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/sheet"
)

func official(body, account, person string, duties ...access.Duty) access.Actor {
	return access.Actor{Role: access.Officer, Account: account, Person: person, Body: body, Duties: duties}
}

func executor() access.Actor { return official("knb", "e", "person-e", access.Executor) }
func approver() access.Actor { return official("knb", "a", "person-a", access.Approver) }

func (p *Papers) bring(t *testing.T, actor access.Actor, csv string) Received {
	t.Helper()
	r, err := p.Receive(t.Context(), actor, File{Name: `C:\old\register.csv`, Content: []byte(csv)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// seen reads from the store.
func (p *Papers) seen(t *testing.T, f func(v port.View) error) {
	t.Helper()
	if err := p.Store.View(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func (p *Papers) registered(t *testing.T, body, series, number string) (x permit.Paper, ok bool) {
	t.Helper()
	p.seen(t, func(v port.View) (err error) {
		x, ok, err = v.Permits().PaperOf(t.Context(), body, series, number)
		return err
	})
	return x, ok
}

func told(list []permit.RowNote) (out []string) {
	for _, n := range list {
		out = append(out, strings.TrimSpace(fmt.Sprint(n.Line, " ", n.Column, " ", n.Key, " ", n.Args["line"], n.Args["number"])))
	}
	return out
}

const full = "body,kind_kk,kind_ru,series,number,issued,valid_to,holder,holder_number,state,since,until\n"

// Every kind of mistake is told with line and column, without what stood there; the operator's file makes a batch for each
// body.
func TestWhatIsWrongWithRows(t *testing.T) {
	p, number := open(t), bin(t)
	wrong := number[:11] + string('0'+(number[11]-'0'+1)%10)
	rows := []struct{ row, want string }{
		{"knb,Қызмет,Услуга,15,1111,12.05.2009,,Үлгі ЖШС," + number + ",,,", ""},
		{"knb,,Услуга,15,R11001155,2011-12-13,31.12.2030,Пример,,приостановлена,01.02.2020,01.02.2021", ""},
		{"knb,,Услуга, 15 ,№ 11-11,12.05.2009,,Другой,,,,", "number paper.wrong.twice 2"},
		{"knb,,Услуга,15,2,31.02.2009,,Пример,,,,", "issued paper.wrong.day"},
		{"knb,,Услуга,15,3,23.11.2026,,Пример,,,,", "issued paper.wrong.future"},
		{"knb,,Услуга,15,3,01.01.1990,,Пример,,,,", "issued paper.wrong.early"},
		{"knb,,Услуга,15,3,,,Пример,,,,", "issued paper.wrong.missing"},
		{"knb,,Услуга,15,4,12.05.2009,,Пример," + wrong + ",,,", "holder_number paper.wrong.holder-number"},
		{"knb,,Услуга,15,4,12.05.2009,,Пример,990101000000,,,", "holder_number paper.wrong.holder-number"},
		{"knb,,,15,6,12.05.2009,,Пример,,,,", "kind_kk paper.wrong.missing"},
		{"knb,,Услуга,15,,12.05.2009,,Пример,,,,", "number paper.wrong.missing"},
		{"knb,,Услуга,15,KZ20RFB00000009,12.05.2009,,Пример,,,,", "number paper.wrong.document-number"},
		{"knb,,Услуга,15,KZ19RFB00000009,12.05.2009,,Пример,,,,", ""},
		{"knb,,Услуга,15,7,12.05.2009,,,,,,", "holder paper.wrong.missing"},
		{"knb,,Услуга,15,8,12.05.2009,,Пример,,lost,,", "state paper.wrong.state"},
		{"knb,,Услуга,15,8,12.05.2009,11.05.2009,Пример,,,,", "valid_to paper.wrong.before-issue"},
		{"knb,,Услуга,15,8,12.05.2009,,Пример,,revoked,11.05.2009,", "since paper.wrong.before-issue"},
		{"knb,,Услуга,15,8,12.05.2009,,Пример,,suspended,01.01.2020,01.01.2019", "until paper.wrong.before-since"},
		{"knb,,Услуга,15,8,12.05.2009,,Пример,,terminated,01.01.2020,01.01.2021", "until paper.wrong.until-state"},
		{"knb,,Услуга", "number paper.wrong.missing"},
		{"knb,,Услуга,15,8,12.05.2009,,Пример,,,,,more", "paper.wrong.cells"},
		{"knb,," + strings.Repeat("x", 501) + ",15,9,12.05.2009,,Пример,,,,", "kind_ru paper.wrong.long"},
		{"knb,,Услуга,15,9,12.05.2009,,При\x01мер,,,,", "holder paper.wrong.text"},
		{"knb,Қызмет,Услуга,15,1112,12.05.2009,,Үлгі ЖШС," + number + ",,,", ""}, // as line 2 under another number
		{"moh,,Услуга,15,1111,12.05.2009,,Пример,,,,", ""},
	}
	csv, want := full, []string(nil)
	for i, r := range rows {
		csv += r.row + "\n"
		if r.want != "" && !strings.Contains(r.want, "cells") {
			want = append(want, fmt.Sprint(i+2, " ", r.want))
		}
	}
	r := p.bring(t, access.TheOperator(), csv+"xxx,,Услуга,15,5,12.05.2009,,Пример,,,,\n")
	if len(r.Batches) != 2 || r.Batches[0].Body != "knb" || r.Batches[1].Body != "moh" || r.Batches[1].Rows != 1 || !slices.Equal(told(r.Notes), []string{"22  paper.wrong.cells", "27 body paper.wrong.body"}) {
		t.Fatalf("%+v", r)
	}
	b := r.Batches[0]
	if got := told(b.Wrong); !slices.Equal(got, want) || b.WrongRows != len(want) || b.Rows != 4 || b.File != "register.csv" {
		t.Errorf("%d good of %s:\n%s\nwant\n%s", b.Rows, b.File, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := told(b.Doubtful); !slices.Equal(got, []string{"25 number paper.doubt.file 2"}) {
		t.Error(got)
	}
	if _, ok := p.registered(t, "knb", "15", "1111"); ok {
		t.Error("a batch that waits is in the register")
	}
	if again := p.bring(t, access.TheOperator(), csv+"xxx,,Услуга,15,5,12.05.2009,,Пример,,,,\n"); len(again.Batches) != 0 || len(again.Same) != 2 {
		t.Errorf("the same file: %+v", again)
	}
}

func TestWhatIsNoRegister(t *testing.T) {
	p := open(t)
	for content, key := range map[string]string{"": "import.empty", "\n": "papers.header", "body,number\n": "papers.header", full[:len(full)-1] + ",x\n": "papers.header",
		full[:len(full)-1] + ",state\n": "papers.header", "a\x00": "import.encoding", "PK\x03\x04": "import.file"} {
		_, err := p.Receive(t.Context(), access.TheOperator(), File{Content: []byte(content)})
		if f, _ := fault.As(err); !fault.Is(err, key) || len(f.Fields) != 1 || f.Fields[0].Path != "file" {
			t.Errorf("%q: %v", content, err)
		}
	}
	for _, actor := range []access.Actor{access.Nobody(), {Role: access.Applicant, Account: "a", Party: "p"}, approver(), official("", "e", "x", access.Executor)} {
		if _, err := p.Receive(t.Context(), actor, File{Content: []byte(full)}); err == nil {
			t.Errorf("%+v brings a register", actor)
		}
	}
}

// Two persons, of the body, whichever accounts they have; the second decision is told.
func TestFourEyes(t *testing.T) {
	p := open(t)
	r := p.bring(t, executor(), "kind_kk,kind_ru,number,issued,valid_to,holder,state,since,until\nҚызмет,,1,12.05.2009,01.01.2020,Үлгі,suspended,01.01.2019,01.02.2019\n")
	id := r.Batches[0].ID
	for _, tt := range []struct {
		name  string
		actor access.Actor
		key   string
	}{
		{"who brought it", executor(), "office.no-duty"}, {"the person's other account", official("knb", "z", "person-e", access.Head), "paper.own-batch"},
		{"registrar", official("knb", "r", "person-r", access.Registrar), "office.no-duty"}, {"head of another body", official("moh", "h", "person-h", access.Head), "fault.not-found"},
		{"the system", access.TheSystem(), "fault.login"}, {"the operator", access.TheOperator(), "fault.login"},
	} {
		if err := p.Release(t.Context(), tt.actor, id); !fault.Is(err, tt.key) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if err := p.Drop(t.Context(), official("moh", "h", "person-h", access.Head), id); !fault.Is(err, "fault.not-found") {
		t.Error(err)
	}
	if err := p.Release(t.Context(), approver(), id); err != nil {
		t.Fatal(err)
	}
	if err := p.Drop(t.Context(), approver(), id); !fault.Is(err, "paper.closed") {
		t.Error(err)
	}
	if err := p.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	x, ok := p.registered(t, "knb", "", "1")
	if !ok || x.State != permit.PaperSuspended || x.ValidTo != civil.New(2020, 1, 1) || x.Since != civil.New(2019, 1, 1) || x.Until != civil.New(2019, 2, 1) || x.Batch != id || x.StateOn(civil.New(2026, 1, 1)) != permit.PaperExpired {
		t.Errorf("%+v", x)
	}
	look, err := p.Open(t.Context(), approver(), id)
	if err != nil || look.Batch.State != permit.BatchReleased || look.Batch.Done != 1 || look.MayDrop || look.Batch.Closed.Person != "person-a" {
		t.Errorf("%+v, %v", look, err)
	}
	operators := p.bring(t, access.TheOperator(), full+"knb,Қызмет,,,2,12.05.2009,,Үлгі,,,,\n").Batches[0].ID
	if err := p.Release(t.Context(), approver(), operators); err != nil {
		t.Error(err)
	}
}

// A row of another body is refused on the page; numbers of the register and of another batch are found; a dropped file may
// come again.
func TestAgainstRegisterAndOtherBatches(t *testing.T) {
	p, number := open(t), bin(t)
	p.load(t, full+"knb,Қызмет,,15,1,12.05.2009,,Үлгі,"+number+",,,\n")
	first := p.bring(t, executor(), full+"knb,Қызмет,,15,2,12.05.2010,,Үлгі,,,,\n").Batches[0]
	text := full + "knb,Қызмет,,15,1,12.05.2009,,Үлгі,,,,\nknb,Қызмет,,15,2,12.05.2009,,Үлгі,,,,\nmoh,Қызмет,,15,3,12.05.2009,,Үлгі,,,,\nknb,ҚЫЗМЕТ,,15,4,12.05.2009,,Үлгі," + number + ",,,\n"
	b := p.bring(t, executor(), text).Batches[0]
	if got := told(b.Wrong); !slices.Equal(got, []string{"2 number paper.wrong.known", "3 number paper.wrong.waiting", "4 body paper.wrong.other-body"}) || b.Rows != 1 {
		t.Error(got)
	}
	if got := told(b.Doubtful); !slices.Equal(got, []string{"5 number paper.doubt.register 15 1"}) {
		t.Error(got)
	}
	if _, err := p.Receive(t.Context(), executor(), File{Name: "x", Content: []byte(text)}); !fault.Is(err, "paper.same-file") || fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
	for _, id := range []string{first.ID, b.ID} {
		if err := p.Drop(t.Context(), executor(), id); err != nil {
			t.Error(err)
		}
	}
	if b := p.bring(t, executor(), text).Batches[0]; b.WrongRows != 2 || b.Rows != 2 {
		t.Errorf("after the others were dropped: %+v", b)
	}
	if empty := p.bring(t, executor(), full+"knb,Қызмет,,15,1,12.05.2009,,Үлгі,,,,\n").Batches[0]; empty.State != permit.BatchDropped {
		t.Errorf("nothing to release: %+v", empty)
	}
}

// A file of a spreadsheet program with days as it stores them.
func TestWorkbook(t *testing.T) {
	p := open(t)
	var b bytes.Buffer
	err := sheet.Workbooks{}.Write(&b, port.Sheet{Columns: []port.SheetColumn{{Text: "kind_kk", Width: 9}, {Text: "kind_ru", Width: 9}, {Text: "number", Width: 9}, {Text: "issued", Width: 9}, {Text: "holder", Width: 9}},
		Rows: func(write func([]any) error) error {
			return write([]any{"Қызмет", "", "=1+1", civil.New(2009, 5, 12), "Үлгі"})
		}})
	if err != nil {
		t.Fatal(err)
	}
	p.load(t, full+"knb,Қызмет,,,9,12.05.2009,,Үлгі,,,,\n")
	r := p.bring(t, executor(), b.String())
	look, err := p.Open(t.Context(), executor(), r.Batches[0].ID)
	if err != nil || r.Rows() != 1 || look.First[0].Paper.Number != "=1+1" || look.First[0].Paper.IssuedOn != civil.New(2009, 5, 12) {
		t.Errorf("%+v, %v", look, err)
	}
}

// torn is a store that stops after some units, as a process that is killed.
type torn struct {
	port.Store
	left int
}

var errKilled = errors.New("killed")

func (s *torn) Update(ctx context.Context, f func(port.Tx) error) error {
	if s.left == 0 {
		return errKilled
	}
	s.left--
	return s.Store.Update(ctx, f)
}

// Two thousand rows are released; the worker is killed after every unit once, and each row is there exactly once. What came
// meanwhile by another way is told.
func TestReleaseSurvivesKills(t *testing.T) {
	p := open(t)
	var b strings.Builder
	b.WriteString(full)
	const rows = 2000
	for i := range rows {
		fmt.Fprintf(&b, "knb,Қызмет,,15,%d,12.05.2009,,Үлгі %d,,,,\n", i, i)
	}
	id := p.bring(t, executor(), b.String()).Batches[0].ID
	if err := p.Release(t.Context(), approver(), id); err != nil {
		t.Fatal(err)
	}
	if err := p.unit(t.Context(), func(w port.Writes) {
		w.Permits().AddPaper(permit.Paper{ID: "other", Body: "knb", Series: "15", Number: "1500"})
	}); err != nil {
		t.Fatal(err)
	}
	whole := p.Store
	for kills := 0; ; kills++ {
		p.Store = &torn{whole, 1}
		err := p.Work(t.Context())
		p.Store = whole
		if err == nil {
			if kills < rows/unitRows {
				t.Errorf("only %d kills", kills)
			}
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	p.seen(t, func(v port.View) error {
		batch, err := v.Permits().Quarantine().Batch(t.Context(), id)
		if err != nil || batch.State != permit.BatchReleased || batch.Done != rows-1 || !reflect.DeepEqual(told(batch.Collided), []string{"1502 number paper.wrong.known"}) {
			t.Errorf("%+v, %v", batch, err)
		}
		list, err := v.Permits().Quarantine().Brought(t.Context(), id, "", rows+1)
		if len(list) != rows-1 {
			t.Errorf("%d papers", len(list))
		}
		return err
	})
}

// What a process began to receive and could not end is seen by nobody, hinders nobody, and is forgotten.
func TestReceivingSurvivesKills(t *testing.T) {
	p := open(t)
	whole, text := p.Store, full+"knb,Қызмет,,15,1,12.05.2009,,Үлгі,,,,\n"
	p.Store = &torn{whole, 2}
	if _, err := p.Receive(t.Context(), executor(), File{Name: "x", Content: []byte(text)}); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	p.Store = whole
	if list, err := p.Batches(t.Context(), executor()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if r := p.bring(t, executor(), text); r.Rows() != 1 {
		t.Errorf("%+v", r)
	}
	p.World = later{p.World}
	if err := p.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.seen(t, func(v port.View) error {
		left, err := v.Permits().Quarantine().In(t.Context(), permit.BatchReceiving)
		if len(left) != 0 {
			t.Error(left)
		}
		return err
	})
}

type later struct{ port.World }

func (w later) Now() time.Time { return w.World.Now().Add(2 * time.Hour) }
