package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"elicense/internal/civil"
	"elicense/internal/fault"
)

// querier reads.
type querier interface {
	// query gives rows or a fault; args are bound already.
	query(ctx context.Context, sql string, args []any) (rows, error)
	// readFault turns an error of the driver into a fault.
	readFault(err error) error
	words() words
}

// rows is what both drivers' rows have in common.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// list reads all rows.
func list[T any](ctx context.Context, db querier, scan func(rows, *T) error, sql string, args ...any) ([]T, error) {
	bound, err := bind(args)
	if err != nil {
		return nil, err
	}
	r, err := db.query(ctx, sql, bound)
	if err != nil {
		return nil, db.readFault(err)
	}
	defer r.Close()
	var all []T
	for r.Next() {
		var t T
		if err := scan(r, &t); err != nil {
			return nil, db.readFault(err)
		}
		all = append(all, t)
	}
	if err := r.Err(); err != nil {
		return nil, db.readFault(err)
	}
	return all, nil
}

// find reads the only row, if there is one.
func find[T any](ctx context.Context, db querier, scan func(rows, *T) error, sql string, args ...any) (t T, ok bool, err error) {
	all, err := list(ctx, db, scan, sql, args...)
	if err != nil || len(all) == 0 {
		return t, false, err
	}
	return all[0], true, nil
}

// get reads the only row; no row is fault.NotFound.
func get[T any](ctx context.Context, db querier, scan func(rows, *T) error, sql string, args ...any) (T, error) {
	t, ok, err := find(ctx, db, scan, sql, args...)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "fault.not-found") // the words of an owner's check: what is not there and what is another's are one answer
	}
	return t, err
}

// scalar scans a row of one column.
func scalar[T any](r rows, v *T) error { return r.Scan(v) }

// scan reads a row into the fields of the domain: times and days are converted, everything else goes to the driver.
func scan(r rows, dest ...any) error {
	for i, d := range dest {
		switch d := d.(type) {
		case *time.Time:
			dest[i] = &timeDest{d}
		case *civil.Date:
			dest[i] = &dateDest{d}
		case *[]byte:
			dest[i] = &bytesDest{d}
		}
	}
	return r.Scan(dest...)
}

// micros is the stored form of a time: microseconds UTC, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

type timeDest struct{ t *time.Time }

// Scan implements sql.Scanner.
func (d *timeDest) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("sqlstore: a time is stored as %T", src)
	}
	*d.t = time.Time{}
	if n != 0 {
		*d.t = time.UnixMicro(n).UTC()
	}
	return nil
}

type dateDest struct{ d *civil.Date }

// Scan implements sql.Scanner.
func (d *dateDest) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("sqlstore: a day is stored as %T", src)
	}
	return d.d.UnmarshalText([]byte(s))
}

// bytesDest reads no bytes as nil, whichever the driver gives.
type bytesDest struct{ b *[]byte }

// Scan implements sql.Scanner.
func (d *bytesDest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok && src != nil {
		return fmt.Errorf("sqlstore: bytes are stored as %T", src)
	}
	*d.b = nil
	if len(b) > 0 {
		*d.b = append([]byte(nil), b...) // the driver may use its buffer again
	}
	return nil
}

// jsonText is the stored form of a map or a struct. Nil is kept apart from empty.
func jsonText(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// Maps of strings and structs of strings, numbers and times within 9999 years encode without error.
	if err := enc.Encode(v); err != nil {
		return "null"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// jsonDest reads a JSON column.
type jsonDest struct{ v any }

func fromJSON(v any) *jsonDest { return &jsonDest{v} }

// Scan implements sql.Scanner.
func (d *jsonDest) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("sqlstore: JSON is stored as %T", src)
	}
	return json.Unmarshal([]byte(s), d.v)
}
