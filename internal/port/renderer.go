package port

import (
	"context"
	"time"

	"elicense/internal/lang"
)

// Paper is one official paper to be printed: a licence, an appendix, a
// receipt, a reasoned refusal or the print of an application. Every string is
// plain text in the language of the document; nothing in it is interpreted.
//
// The renderer draws the parts from the top to the bottom: StateBody, Title and
// Subtitle, Number and OtherNumbers, Rows, Notes, Signatory, and the Verify block
// with the QR code. An empty part takes no space.
type Paper struct {
	// Lang is the language of the document; it becomes /Lang of the file and
	// chooses the few words that the renderer itself adds (the page count).
	Lang lang.Lang
	// Title and Subtitle stand in the middle under the state body.
	Title, Subtitle string
	// StateBody is the full name of the licensor, at the top.
	StateBody string
	// Emblem draws a neutral ornament above the state body. It is not the state
	// emblem: that may be printed only by those whom the law entitles to it.
	Emblem bool
	// Number is the main number, e.g. {"Licence number", "KZ50LTL00000001"}.
	Number Labelled
	// OtherNumbers stand beside the main one, e.g. the 16-character number of the
	// Eurasian Economic Union's form or the number of the first licence.
	OtherNumbers []Labelled
	// Rows is the grid of numbered boxes.
	Rows []Row
	// Notes are paragraphs under the grid.
	Notes []string
	// Signatory says who signed and when, as pairs.
	Signatory []Labelled
	// Verify says how the reader checks the paper.
	Verify Verify
	// Issued is the moment of issue and the only time in the file: nothing else
	// depends on when the file is rendered.
	Issued time.Time
	// Watermark is drawn large and pale across every page, e.g. the mark of a
	// demonstration installation; "" draws none.
	Watermark string
	// Draft marks a preview: every page carries a frame and a word saying so, and
	// the QR code is left out, because there is nothing to check yet.
	Draft bool
}

// Verify is the check block: how a reader makes sure that a paper is genuine.
type Verify struct {
	// URL is what the QR code holds: https, our host, and a random token. "" leaves
	// the code out.
	URL string
	// Text tells the reader what to do with it.
	Text string
	// HostInWords is the host as a person reads it, printed beside the code so that a
	// code leading elsewhere is noticed.
	HostInWords string
}

// Labelled is a value with its caption.
type Labelled struct{ Label, Value string }

// Row is one line of boxes in the grid, as high as its highest box.
type Row struct{ Cells []Cell }

// Cell is one box of the form.
type Cell struct {
	// No is the number of the box on the form, e.g. "7"; "" for none.
	No string
	// Label is the caption, small and grey.
	Label string
	// Value is the content; "\n" separates lines. An empty value leaves an empty box.
	Value string
	// Width is the share of the row in twelfths. Zero shares what the others leave
	// over; a row need not add up to 12, it always fills the page's width.
	Width int
}

// Glyphs knows what can be printed, so that a form refuses what cannot while the person can still mend it.
type Glyphs interface {
	// Missing finds the first character of a text that no font of the papers has; false when everything is printable.
	Missing(text string) (rune, bool)
}

// Renderer turns a Paper into a PDF file.
type Renderer interface {
	// Render returns the bytes of a PDF file. The same Paper gives the same
	// bytes, in every process and on every machine with the same version of the
	// program. It does no I/O and is safe for use by many goroutines.
	//
	// A character for which no font has a glyph is a fault.Internal with the key
	// "pdf.glyph" whose Args name the code point ("code": "U+4E2D") and never the text
	// around it. A document that is not drawable (an unknown language, more than the
	// renderer's limit of pages, a URL too long for a QR code) is fault.Invalid or
	// fault.TooLarge with a key that begins with "pdf.". A cancelled context gives its
	// error.
	Render(ctx context.Context, d Paper) ([]byte, error)
}
