package permit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"elicense/internal/fault"
)

// BatchState is where a batch of an import stands.
type BatchState string

// The states of a batch. What is not released is in no register.
const (
	BatchReceiving BatchState = "receiving" // its lines are being stored: nobody sees it
	BatchWaiting   BatchState = "waiting"   // for a second person
	BatchReleasing BatchState = "releasing" // its lines go into the register, part by part
	BatchReleased  BatchState = "released"
	BatchDropped   BatchState = "dropped"
)

// Batch is the papers of one state body in one file: a quarantine, until another person than who brought it lets them
// into the register.
type Batch struct {
	ID, Body string
	File     string // name of the file
	Digest   string // SHA-256 of the file, hex
	State    BatchState
	Rows     int // good rows
	Done     int // of them in the register
	Past     int // line of the file up to which the release has come
	// WrongRows and Doubtful count; of each the first MostTold are kept.
	WrongRows, DoubtfulRows int
	Wrong, Doubtful         []RowNote
	Collided                []RowNote // good rows whose number another import brought meanwhile
	Brought, Closed         Hand      // Closed: who released or dropped it
	Version                 int
}

// MostTold is how many rows a batch tells of, of each kind.
const MostTold = 2000

// RowNote says something of a row of the file. It names no holder and repeats nothing from the row.
type RowNote struct {
	Line   int    // of the file, from 1
	Column string // "" = the whole row
	Key    string // of the text
	Args   fault.Args
}

// Hand is who did something with a batch when. Person is the IIN, by which two persons are told apart; the command line of
// the installation has none.
type Hand struct {
	Account, Person string
	At              time.Time
}

// Line is a good row of a batch.
type Line struct {
	Batch string
	No    int // line of the file
	Paper Paper
}

// Sum is the SHA-256, in hex, of the row after those with the sum before; "" begins. How the paper stands in the register, who
// restored it and which import brought it are no part of it.
func (l Line) Sum(before string) string {
	p := l.Paper
	p.ID, p.Batch, p.ImportedAt, p.Application, p.Permit = "", "", time.Time{}, "", ""
	b, _ := json.Marshal(p) // texts and dates cannot fail
	sum := sha256.Sum256(append([]byte(before+" "+strconv.Itoa(l.No)+" "), b...))
	return hex.EncodeToString(sum[:])
}

// PaperKey is how a paper is told from the others of its body.
type PaperKey struct{ Series, Number string }

// Key is the paper's.
func (p Paper) Key() PaperKey { return PaperKey{p.SeriesKey(), p.NumberKey()} }
