// Package archtest holds the source against the house described in docs/architecture.md: who may import whom, where the
// network, the database and the clock may be touched, how large a file may grow. It reads the source only; it needs no
// toolchain, no network and less than a second.
package archtest

// Zone is a part of the house. Arrows point from a higher floor to a lower one.
type Zone int

// The zones from the ground up. Edges and assembly are no floors of the domain: nothing below may know them.
const (
	Vocabulary Zone = iota // floor 0: words, numbers, dates; no I/O, no clock, no logging
	Domain                 // floor 1: pure values in, values and faults out
	UseCases               // floor 2: one function = one thing a person does
	Adapters               // floor 3: each the only importer of its libraries
	Edges                  // floor 4: the pages
	Assembly               // puts the parts together, or proves them
	Texts                  // folders with embedded text and no code: read by the assembly only
)

// Package is a room of the house.
type Package struct {
	Path string // below the module's root, e.g. "internal/civil"
	Zone Zone
}

// rooms is the house in order. On floors 0, 1 and 2 a package may import the ones before it in this list; the order is
// part of the design. A folder whose name ends in "/" stands for the packages inside it.
func rooms() []Package {
	var list []Package
	add := func(z Zone, paths ...string) {
		for _, p := range paths {
			list = append(list, Package{Path: p, Zone: z})
		}
	}
	add(Vocabulary, "internal/fault", "internal/civil", "internal/decimal", "internal/money", "internal/lang", "internal/ident",
		"internal/workday", "internal/classifier", "internal/gost")
	add(Domain, "internal/cms", "internal/xmldsig", "internal/signdoc", "internal/access", "internal/service", "internal/party",
		"internal/form", "internal/charge", "internal/ledger", "internal/permit", "internal/application", "internal/audit")
	add(UseCases, "internal/port", "internal/evidence", "internal/docnumber", "internal/account", "internal/mobile", "internal/catalogue", "internal/reference", "internal/calendar", "internal/documents",
		"internal/billing", "internal/numbering", "internal/paper", "internal/casework", "internal/filing", "internal/register", "internal/acts", "internal/statistics", "internal/notice", "internal/message", "internal/wording",
		"internal/cases", "internal/publication", "internal/integrity")
	add(Adapters, "internal/sqlstore", "internal/storetest", "internal/blob", "internal/queue", "internal/eds", "internal/pdf", "internal/preview",
		"internal/sheet", "internal/notify", "internal/pay", "internal/gov", "internal/translog")
	add(Edges, "internal/web/assets", "internal/web/page", "internal/web", "internal/web/signing", "internal/web/portal", "internal/web/office", "internal/web/signer", "internal/web/api")
	add(Assembly, "internal/config", "internal/app", "internal/testkit/", "internal/archtest", "internal/demo", "internal/demo/",
		"cmd/", "bench/", "e2e/")
	add(Texts, "locales", "services")
	return list
}

// Exceptions to the rules, each with its reason. The key is a rule's name and a place as Finding.Place writes it.
func exceptions() map[string]string {
	return map[string]string{
		"package-lines internal/cms":        "signatures, time stamps, OCSP answers and key files are read by one set of strict readers and judged by one table of suites",
		"package-lines internal/service":    "one language: what a definition may say, how it is read with its places, what is proven of its rules, and its schema stand on the same types",
		"package-lines internal/sqlstore":   "one file per aggregate, all over the same few functions that read, list and merge statements",
		"package-lines internal/casework":   "everything that officials do to one application goes through one unit of one desk, a file per act",
		"package-lines internal/storetest":  "one contract of the store, a file per aggregate, run on every engine",
		"package-lines internal/app":        "the assembly and the commands, a file each: a reader opens the command asked for",
		"package-lines internal/web/office": "as the portal: one file per page",
		"package-lines internal/web/portal": "one file per page: a reader opens the page asked for and never the whole package",
	}
}

// libraries says which packages may import a module of others. A library that is not named here may not be imported:
// a new dependency is a line here, seen in review.
func libraries() map[string][]string {
	return map[string][]string{
		"cel.dev/cel-go":                      {"internal/service"},
		"github.com/a-h/templ":                {"internal/web", "internal/web/", "e2e/"},
		"github.com/alecthomas/kong":          {"internal/app"},
		"github.com/alexedwards/argon2id":     {"internal/account"},
		"github.com/alexedwards/scs/v2":       {"internal/web"},
		"github.com/beevik/etree":             {"internal/xmldsig"},
		"github.com/gabriel-vasile/mimetype":  {"internal/documents"},
		"github.com/go-fonts/dejavu":          {"internal/pdf"},
		"github.com/go-fonts/liberation":      {"internal/pdf"},
		"github.com/goccy/go-yaml":            {"internal/service", "internal/cases", "internal/config"},
		"github.com/google/uuid":              {"internal/app"},
		"github.com/jackc/pgx/v5":             {"internal/sqlstore", "internal/queue"},
		"github.com/pquerna/otp":              {"internal/account"},
		"github.com/pressly/goose/v3":         {"internal/sqlstore"},
		"github.com/prometheus/client_golang": {"internal/app"},
		"github.com/riverqueue/river":         {"internal/queue"},
		"github.com/russellhaering/goxmldsig": {"internal/xmldsig"},
		"github.com/xuri/excelize/v2":         {"internal/sheet"},
		"github.com/wneessen/go-mail":         {"internal/notify"},
		"golang.org/x/crypto":                 {"internal/cms"},
		"golang.org/x/mod":                    {"internal/audit"},
		"golang.org/x/text":                   {"internal/lang", "internal/account", "internal/pdf"},
		"golang.org/x/time":                   {"internal/web", "internal/queue"},
		"modernc.org/sqlite":                  {"internal/sqlstore", "internal/queue"},
		"rsc.io/qr":                           {"internal/pdf", "internal/web/page"},
	}
}

// The reader's budget, in lines.
const (
	fileLines        = 500
	functionLines    = 70
	packageLines     = 3000
	interfaceMethods = 12
)
