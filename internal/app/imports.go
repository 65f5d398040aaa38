package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"elicense/internal/access"
	"elicense/internal/catalogue"
	"elicense/internal/numbering"
	"elicense/internal/paper"
	"elicense/internal/port"
	"elicense/services"
)

// paperLicences names the register of paper licences among what `import` takes.
const paperLicences = "paper-licences"

// papers assembles the register of paper licences.
func papers(store port.Store, w port.World, c *catalogue.Catalogue) *paper.Papers {
	return &paper.Papers{Store: store, World: w, Known: func(body string) bool {
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

// importPapers imports a register of paper licences; good lines are stored, exit 1 lists the others. The batch is named
// after the file.
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
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	batch := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	report, err := papers(store, world{}, known).Import(r.ctx, access.TheSystem(), batch, f)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d paper licences stored as batch %s", report.Stored, report.Batch)
	for i, x := range report.Refused {
		text += refusedLine(i, len(report.Refused), x.Line, x.Text)
	}
	r.print(report, text)
	return wrongIf(len(report.Refused) > 0)
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
