package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"elicense/internal/access"
	"elicense/internal/catalogue"
	"elicense/internal/lang"
	"elicense/internal/numbering"
	"elicense/internal/paper"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/sheet"
	"elicense/locales"
	"elicense/services"
)

// paperLicences names the register of paper licences among what `import` takes.
const paperLicences = "paper-licences"

// papers assembles the register of paper licences.
func papers(store port.Store, w port.World, c *catalogue.Catalogue) *paper.Papers {
	return &paper.Papers{Store: store, World: w, Tables: sheet.Workbooks{}, Known: func(body string) bool {
		_, ok := c.Body(body)
		return ok
	}}
}

type numberingImportCommand struct {
	File string `arg:"" help:"CSV file with the columns code, first, last, state (free, allocated) and, where there are such, name_kk, name_ru, name_en, permit, holder_name, holder_number."`
}

// Run imports blocks of numbers; good lines are stored, exit 1 lists the others.
func (c numberingImportCommand) Run(r *run) error {
	store, err := openMigrated(r)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // everything is committed by then
	f, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	report, err := (&numbering.Numbering{Store: store, World: world{}}).Import(r.ctx, access.TheSystem(), f)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d ranges with %d numbers stored", report.Stored, report.Numbers)
	for i, x := range report.Refused {
		text += refusedLine(i, len(report.Refused), x.Line, x.Text)
	}
	r.print(report, text)
	return wrongIf(len(report.Refused) > 0)
}

// broughtPapers is what the command tells.
type broughtPapers struct {
	Batches []broughtBatch `json:"batches"`
	Refused []refusedRow   `json:"refused"`
}

type broughtBatch struct {
	ID       string `json:"id"`
	Body     string `json:"body"`
	State    string `json:"state"`
	Rows     int    `json:"rows"`
	Wrong    int    `json:"wrong"`
	Doubtful int    `json:"doubtful"`
}

type refusedRow struct {
	Body   string `json:"body,omitempty"`
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Text   string `json:"text"`
}

// importPapers brings a former register of paper licences into the quarantine, a batch for each state body: an official of
// the body releases it. Exit 1 lists the lines that were left out.
func importPapers(r *run, file string) error {
	store, err := openMigrated(r)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // everything is committed by then
	known, err := catalogue.New(store, world{}, services.Files)
	if err != nil {
		return err
	}
	words, err := lang.Load(locales.Files)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return err
	}
	got, err := papers(store, world{}, known).Receive(r.ctx, access.TheOperator(), paper.File{Name: filepath.Base(file), Content: content})
	if err != nil {
		return err
	}
	report := broughtPapers{Batches: []broughtBatch{}, Refused: []refusedRow{}}
	note := func(body string, list []permit.RowNote) {
		for _, n := range list {
			report.Refused = append(report.Refused, refusedRow{body, n.Line, n.Column, paper.Say(words.In(lang.EN), n)})
		}
	}
	text := fmt.Sprintf("%d paper licences wait for a second person", got.Rows())
	note("", got.Notes)
	for _, b := range got.Batches {
		report.Batches = append(report.Batches, broughtBatch{b.ID, b.Body, string(b.State), b.Rows, b.WrongRows, b.DoubtfulRows})
		text += fmt.Sprintf("\n%s: batch %s, %d rows %s, %d left out, %d may be there twice", b.Body, b.ID, b.Rows, b.State, b.WrongRows, b.DoubtfulRows)
		note(b.Body, b.Wrong)
	}
	for _, b := range got.Same {
		text += fmt.Sprintf("\n%s: this file came already, as batch %s (%s)", b.Body, b.ID, b.State)
	}
	for i, x := range report.Refused {
		text += refusedLine(i, got.Refused(), x.Line, strings.TrimPrefix(x.Column+": "+x.Text, ": "))
	}
	r.print(report, text)
	return wrongIf(got.Refused() > 0 || len(got.Same) > 0)
}

// shownLines is how many refused lines are printed for people; --json gives all.
const shownLines = 50

func refusedLine(i, all, line int, text string) string {
	switch {
	case i < shownLines:
		return fmt.Sprintf("\nline %d: %s", line, text)
	case i == shownLines:
		return fmt.Sprintf("\nand %d more", all-i)
	}
	return ""
}

func wrongIf(wrong bool) error {
	if wrong {
		return errWrong
	}
	return nil
}
