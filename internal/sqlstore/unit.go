package sqlstore

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// statement is one write of a unit. A guarded statement has to change exactly one row, or the whole unit is undone and
// guard is its fault.
type statement struct {
	sql   string
	args  []any
	guard *fault.Fault
	many  bool // it stands for several: its text sees to the guard itself (merge.go)
}

// unit collects the writes of one use case.
type unit struct {
	list []statement
	err  error // the first argument that cannot be stored
	// contended names the first row that many units change, such as a quota. Groups take their units in this order, so
	// that two groups never wait for each other's rows.
	contended string
}

// contend says that the unit changes a row that others want too.
func (u *unit) contend(row string) {
	if u.contended == "" {
		u.contended = row
	}
}

func (u *unit) Accounts() port.AccountWrites         { return accountWrites{u} }
func (u *unit) Sessions() port.SessionWrites         { return sessionWrites{u} }
func (u *unit) Services() port.ServiceWrites         { return serviceWrites{u} }
func (u *unit) Directories() port.DirectoryWrites    { return directoryWrites{u} }
func (u *unit) Applications() port.ApplicationWrites { return applicationWrites{u} }
func (u *unit) Documents() port.DocumentWrites       { return documentWrites{u} }
func (u *unit) Invoices() port.InvoiceWrites         { return invoiceWrites{u} }
func (u *unit) Ledger() port.LedgerWrites            { return quotaWrites{u} }
func (u *unit) Permits() port.PermitWrites           { return permitWrites{u} }
func (u *unit) Keys() port.KeyWrites                 { return keyWrites{u} }
func (u *unit) Records() port.RecordWrites           { return recordWrites{u} }
func (u *unit) Office() port.OfficeWrites            { return officeWrites{u} }

// add lists a statement that may change any number of rows.
func (u *unit) add(sql string, args ...any) { u.guarded(nil, sql, args...) }

// guarded lists a statement that has to change exactly one row.
func (u *unit) guarded(guard *fault.Fault, sql string, args ...any) {
	bound, err := bind(args)
	if err != nil && u.err == nil {
		u.err = err
	}
	u.list = append(u.list, statement{sql: sql, args: bound, guard: guard})
}

// bind turns values of the domain into the three types that both engines store alike: string, int64, []byte.
func bind(args []any) ([]any, error) {
	bound := make([]any, len(args))
	for i, v := range args {
		switch v := v.(type) {
		case string:
			bound[i] = v
		case int64:
			bound[i] = v
		case int:
			bound[i] = int64(v)
		case []byte:
			if v == nil {
				v = []byte{} // NULL would say something else
			}
			bound[i] = v
		case time.Time:
			bound[i] = micros(v)
		case civil.Date:
			bound[i] = v.String()
		default:
			switch r := reflect.ValueOf(v); r.Kind() {
			case reflect.String:
				bound[i] = r.String()
			case reflect.Int, reflect.Int64:
				bound[i] = r.Int()
			default:
				return nil, fault.New(fault.Internal, keyInternal).Because(fmt.Errorf("sqlstore: no column holds a %T", v))
			}
		}
		// PostgreSQL stores no NUL and no broken UTF-8; what one engine refuses the other must not take.
		if s, ok := bound[i].(string); ok && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0) {
			return nil, fault.New(fault.Invalid, "store.text")
		}
	}
	return bound, nil
}
