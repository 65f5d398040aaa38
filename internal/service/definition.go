// Package service is the language in which a licence service is written: a folder of reviewed text that says who may
// ask, for what fee, with which form and documents, how the application is decided and what the permit looks like.
// The package parses and checks that text and compiles its rules; it knows no particular service.
package service

import (
	"slices"

	"elicense/internal/civil"
	"elicense/internal/lang"
)

// Status says whether a service of the catalogue can be ordered.
type Status string

// The statuses. An announced service has a passport but no form yet and cannot be ordered.
const (
	Open      Status = "open"
	Announced Status = "announced"
)

// Recipient is a kind of applicant, as the passport's table of recipients and the documents tell them apart
// (manual of the trade licence, table 3).
type Recipient string

// The seven kinds of recipients.
const (
	LegalEntity           Recipient = "legal_entity"            // registered in Kazakhstan
	ForeignLegalEntity    Recipient = "foreign_legal_entity"    // registered abroad
	SoleProprietorIIN     Recipient = "sole_proprietor_iin"     // resident, known by IIN
	SoleProprietorBIN     Recipient = "sole_proprietor_bin"     // resident, known by BIN (joint enterprise)
	ForeignSoleProprietor Recipient = "foreign_sole_proprietor" // non-resident
	Individual            Recipient = "individual"              // resident
	NonResidentIndividual Recipient = "non_resident_individual" // non-resident
)

// Recipients lists the kinds in the order of the manual's table.
func Recipients() []Recipient {
	return []Recipient{LegalEntity, ForeignLegalEntity, SoleProprietorIIN, SoleProprietorBIN, ForeignSoleProprietor, Individual, NonResidentIndividual}
}

// Definition is one service as its folder says it.
type Definition struct {
	Key        string      `yaml:"key"`
	Status     Status      `yaml:"status"`
	Category   Category    `yaml:"category"` // empty = a permit
	Sphere     string      `yaml:"sphere"`
	Group      lang.Text   `yaml:"group"`
	Name       lang.Text   `yaml:"name"`
	Summary    lang.Text   `yaml:"summary"`
	Subtypes   []Subtype   `yaml:"subtypes"`
	Bodies     []string    `yaml:"bodies"`
	Recipients []Recipient `yaml:"recipients"`
	Channels   Channels    `yaml:"channels"`
	Legal      []Act       `yaml:"legal"`
	About      lang.Text   `yaml:"about"`
	// Unconfirmed names the parts of the text for which no public source was found; the passport says so.
	Unconfirmed []Part      `yaml:"unconfirmed"`
	Offers      []Offer     `yaml:"offers"`
	Numbers     Numbers     `yaml:"numbers"`
	Operations  []Operation `yaml:"operations"`
	Pages       []Page      `yaml:"pages"`
	Checks      []Check     `yaml:"checks"`
	Documents   []Document  `yaml:"documents"`
	// Directories of the service's own, such as the goods that need a licence; their rows are data beside the text.
	Directories []Directory  `yaml:"directories"`
	Lookups     []Lookup     `yaml:"lookups"`
	Decision    DecisionRule `yaml:"decision"`
	Process     Process      `yaml:"process"` // of a service that officials decide
	Permit      Permit       `yaml:"permit"`
}

// Subtype is one of several entries under which the catalogue offers a service; it presets answers.
type Subtype struct {
	Key    string            `yaml:"key"`
	Name   lang.Text         `yaml:"name"`
	Preset map[string]string `yaml:"preset"`
	// Bodies are the state bodies that issue this subtype; empty = all of the service.
	Bodies []string `yaml:"bodies"`
}

// IssuedBy tells whether a body of the service issues the subtype.
func (s Subtype) IssuedBy(body string) bool {
	return len(s.Bodies) == 0 || slices.Contains(s.Bodies, body)
}

// Channels says how one may apply and receive the result (manual of the trade licence, tables 4 and 5).
type Channels struct {
	Apply Ways `yaml:"apply"`
	Issue Ways `yaml:"issue"`
}

// Ways are the four ways of the manual's tables.
type Ways struct {
	Paper         bool `yaml:"paper"`
	Post          bool `yaml:"post"`
	ServiceCentre bool `yaml:"service_centre"`
	Portal        bool `yaml:"portal"`
}

// Offer puts a button for the service on a page of the cabinet, besides the catalogue.
type Offer struct {
	At   Place     `yaml:"at"`
	Text lang.Text `yaml:"text"`
}

// Place is a page of the cabinet that offers services.
type Place string

// AtPermits is «Менің рұқсат беру құжаттарым» (manual of the restoration, step 3).
const AtPermits Place = "permits"

// Act is a legal act on which the service rests.
type Act struct {
	Title lang.Text `yaml:"title"`
	URL   string    `yaml:"url"`
	// Unconfirmed marks an act whose number, date or force no public source confirms; the passport says so.
	Unconfirmed bool `yaml:"unconfirmed"`
}

// Numbers are the three-letter codes of the document numbers (KZ + check digits + code + eight digits); the first
// letter says what is numbered: R an application, L a licence, V another permit, U the acceptance slip of a notification.
type Numbers struct {
	Application string `yaml:"application"`
	Permit      string `yaml:"permit"`
}

// Document is a document that the applicant attaches.
type Document struct {
	Key  string    `yaml:"key"`
	Name lang.Text `yaml:"name"`
	Hint lang.Text `yaml:"hint"`
	// Required and Optional say for whom the document is asked, and whether filing waits for it.
	Required []Recipient `yaml:"required"`
	Optional []Recipient `yaml:"optional"`
	// Operations are the keys of those for which it is asked; empty = all.
	Operations []string `yaml:"operations"`
}

// Page is one page of the wizard.
type Page struct {
	Key   string    `yaml:"key"`
	Title lang.Text `yaml:"title"`
	Hint  lang.Text `yaml:"hint"`
	// Answers is the title above the answers where they are read, for a page whose own title tells what to do.
	Answers lang.Text `yaml:"answers"`
	When    Expr      `yaml:"when"` // shown only when true; empty = always
	Fields  []Field   `yaml:"fields"`
	// Include names a page of the common library (typical fields) instead of fields of its own.
	Include string `yaml:"include"`
}

// ReadTitle is the title above the answers of the page where they are read.
func (p Page) ReadTitle() lang.Text {
	if p.Answers.IsZero() {
		return p.Title
	}
	return p.Answers
}

// Type is the type of a field.
type Type string

// The field types. In rules a number and money are ints in millionths; a date is a timestamp at midnight UTC; yesno and
// confirm are bools; a computed field is what it is of; rows and a territory are lists, one for each of their columns
// (`goods.quantity`, `territory.count`); everything else is a string.
const (
	TypeText     Type = "text"
	TypeLongText Type = "long_text"
	TypeNumber   Type = "number"
	TypeMoney    Type = "money"
	TypeDate     Type = "date"
	TypeYesNo    Type = "yesno"
	TypeChoice   Type = "choice"
	TypeConfirm  Type = "confirm" // a statement chosen from a directory of one: it is confirmed or not
	TypeCountry  Type = "country"
	TypeCurrency Type = "currency"
	TypeUnit     Type = "unit"
	TypeGoods    Type = "goods"
	TypePlace    Type = "place"
	TypePhone    Type = "phone"
	TypePostcode Type = "postcode"
	TypeIIN      Type = "iin"
	TypeBIN      Type = "bin"
	TypeEmail    Type = "email"
	TypeAddress  Type = "address"
	// TypeDirectory is a row of a directory of the service's own, by its code.
	TypeDirectory Type = "directory"
	// TypeComputed is never typed: a rule gives it from the other answers.
	TypeComputed Type = "computed"
	// TypeRows is a list of rows of simple fields.
	TypeRows Type = "rows"
	// TypeTerritory is a choice of rows of a tree with a count for each, such as numbers by territory of use.
	TypeTerritory Type = "territory"
)

// Types lists the types of fields.
func Types() []Type {
	return []Type{TypeText, TypeLongText, TypeNumber, TypeMoney, TypeDate, TypeYesNo, TypeChoice, TypeConfirm, TypeCountry, TypeCurrency, TypeUnit, TypeGoods, TypePlace, TypePhone, TypePostcode,
		TypeIIN, TypeBIN, TypeEmail, TypeAddress, TypeDirectory, TypeComputed, TypeRows, TypeTerritory}
}

// Field is one question of a page.
type Field struct {
	Key      string    `yaml:"key"`
	Type     Type      `yaml:"type"`
	Label    lang.Text `yaml:"label"`
	Hint     lang.Text `yaml:"hint"`
	Required bool      `yaml:"required"`
	When     Expr      `yaml:"when"`     // shown only when true; empty = always
	Max      int       `yaml:"max"`      // characters of a text; 0 = 250 (text) or 2,000 (long text)
	Scale    int       `yaml:"scale"`    // decimal places of a number or of money, at most 6
	Zero     bool      `yaml:"zero"`     // of a number or money: 0 is an answer too; in rules it is as not answered
	Options  []Option  `yaml:"options"`  // of a choice
	Prefill  []string  `yaml:"prefill"`  // sources in order: "registry.name", "profile.phones", "applicant.surname" ...
	Lines    int       `yaml:"lines"`    // rows of a long text
	Issued   []string  `yaml:"issued"`   // of a text: it is the number of what one of these operations gave the applicant, and that stands
	Unit     string    `yaml:"unit"`     // of a number: the code of the unit in which it is always given
	Currency string    `yaml:"currency"` // of money: the code of the currency in which it is always given
	// Directory names the service's own directory of a directory's field or a territory; Columns are its columns that are
	// shown beside the names, such as the telephone codes.
	Directory string   `yaml:"directory"`
	Columns   []string `yaml:"columns"`
	// Of and Value make a computed field: the type of what the rule gives (text, number, money, date or yesno), and the
	// rule. It may mention computed fields that stand before it.
	Of    Type `yaml:"of"`
	Value Expr `yaml:"value"`
	// Fields are the columns of rows; Checks are rules about one row, in which `row.<key>` is the row's value. Min and Max
	// bound the number of rows (0 = none at least, 50 at most). Max of a territory bounds the count of one row of it.
	Fields []Field `yaml:"fields"`
	Checks []Check `yaml:"checks"`
	Min    int     `yaml:"min"`
}

// Option is one value of a choice.
type Option struct {
	Value string    `yaml:"value"`
	Label lang.Text `yaml:"label"`
}

// Check is a rule over the answers that the applicant can mend before filing. It is judged only when every field it
// mentions is shown and holds a well-formed answer.
type Check struct {
	Field   string    `yaml:"field"` // where the message stands
	Rule    Expr      `yaml:"rule"`  // must be true
	Message lang.Text `yaml:"message"`
}

// Directory is a list of the service's own with typed columns; its rows have validity dates and names.
type Directory struct {
	Key     string    `yaml:"key"`
	Name    lang.Text `yaml:"name"`
	Columns []Column  `yaml:"columns"`
	// Quota names the columns from which limited amounts are taken.
	Quota *QuotaColumns `yaml:"quota"`
}

// Column is one typed column: text, number (millionths in rules), int.
type Column struct {
	Key  string `yaml:"key"`
	Type string `yaml:"type"`
}

// QuotaColumns says which columns hold the amount, the calendar year and the unit of a quota.
type QuotaColumns struct {
	Amount string `yaml:"amount"`
	Year   string `yaml:"year"`
	Unit   string `yaml:"unit"`
}

// Lookup binds a row of a directory to a name that rules may use: `<name>.found` and `<name>.<column>`; where the
// directory has quotas also `<name>.limited` and `<name>.free` (what is left of the quota, millionths).
type Lookup struct {
	Name      string `yaml:"name"`
	Directory string `yaml:"directory"`
	Code      string `yaml:"code"`     // field whose answer is the code; the longest listed prefix matches
	Variant   string `yaml:"variant"`  // field whose answer tells rows of one code apart, such as the direction
	On        string `yaml:"on"`       // date field by which the row must be valid; empty = the day of filing
	Quantity  string `yaml:"quantity"` // field that is taken from the quota when the application is granted
}

// DecisionRule says who decides and by which rules.
type DecisionRule struct {
	Automatic bool      `yaml:"automatic"`
	Refuse    []Refusal `yaml:"refuse"`
}

// Refusal is a legal ground for refusing: all that hold are stated. The first that holds is the branch that is recorded.
type Refusal struct {
	Key    string    `yaml:"key"`
	If     Expr      `yaml:"if"`
	Ground lang.Text `yaml:"ground"` // the reasoned refusal, with {placeholders} of lookups and answers
	Act    lang.Text `yaml:"act"`    // article of the law
	Advice lang.Text `yaml:"advice"` // what to mend
	// Template is how the officials' reasons begin; only where officials refuse.
	Template Template `yaml:"template"`
}

// Permit describes the output document.
type Permit struct {
	Kind      lang.Text    `yaml:"kind"` // such as "One-time licence"
	Class     int          `yaml:"class"`
	From      string       `yaml:"from"`         // date field; empty = the day of issue
	To        string       `yaml:"to"`           // date field; empty = without end
	First     string       `yaml:"first_issued"` // date field: when the permit was issued for the first time, on paper
	Second    SecondNumber `yaml:"second_number"`
	Title     lang.Text    `yaml:"title"`
	Rows      []PermitRow  `yaml:"rows"`
	Notes     []lang.Text  `yaml:"notes"`
	Signatory lang.Text    `yaml:"signatory"`
	Appendix  Appendix     `yaml:"appendix"` // of a licence; without a title there are none
	// Grounds are those on which officials act with the permits of this service, besides the ones common to all.
	Grounds []PermitGround `yaml:"grounds"`
}

// SecondNumber is a number of another system beside the KZ number, such as the 16 characters of the EAEU licence.
type SecondNumber struct {
	Label lang.Text `yaml:"label"`
	// Rule builds the number; `journal` is the six-digit place in the body's journal of the year, `year2` the last two
	// digits of the year of registration, `stamp` the body's code.
	Rule Expr `yaml:"rule"`
}

// PermitRow is one line of boxes.
type PermitRow struct {
	Boxes []Box `yaml:"boxes"`
}

// Box is one box of the output document.
type Box struct {
	No    string    `yaml:"no"`
	Label lang.Text `yaml:"label"`
	// Value is a pattern of field names, as in "{contract_number}, {contract_date}"; besides fields: {number},
	// {second_number}, {applicant}, {applicant_number}, {valid_from}, {valid_to}, {issued}, {body}.
	Value string `yaml:"value"`
	When  Expr   `yaml:"when"`
	Width int    `yaml:"width"` // share of 12; 0 = equal shares
}

// Revision is a definition as it was published: numbered from 1, immutable.
type Revision struct {
	Service    string
	Number     int
	Digest     string // SHA-256 of the source archive, hex
	Definition *Definition
	Program    *Program
}

// Body is a state body that issues permits.
type Body struct {
	Key       string    `yaml:"key"`
	Name      lang.Text `yaml:"name"`
	Short     lang.Text `yaml:"short"`
	BIN       string    `yaml:"bin"`
	Stamp     string    `yaml:"stamp"` // three digits, the body's code in EAEU licence numbers
	City      lang.Text `yaml:"city"`
	Signatory lang.Text `yaml:"signatory"`
}

// Sphere is one of the sixteen spheres of the catalogue.
type Sphere struct {
	Key  string    `yaml:"key"`
	Name lang.Text `yaml:"name"`
}

// Field finds a field of the form by its key.
func (d *Definition) Field(key string) (Field, bool) {
	for _, p := range d.Pages {
		for _, f := range p.Fields {
			if f.Key == key {
				return f, true
			}
		}
	}
	return Field{}, false
}

// Directory finds a directory of the service by its key.
func (d *Definition) Directory(key string) (Directory, bool) {
	for _, dir := range d.Directories {
		if dir.Key == key {
			return dir, true
		}
	}
	return Directory{}, false
}

// Serves tells whether the passport lists this kind of recipient.
func (d *Definition) Serves(r Recipient) bool {
	for _, have := range d.Recipients {
		if have == r {
			return true
		}
	}
	return false
}

// Asks tells whether a document is asked of this kind of recipient, and whether it is mandatory.
func (doc Document) Asks(r Recipient) (asked, mandatory bool) {
	for _, x := range doc.Required {
		if x == r {
			return true, true
		}
	}
	for _, x := range doc.Optional {
		if x == r {
			return true, false
		}
	}
	return false, false
}

// Asked is a document that an applicant is asked for.
type Asked struct {
	Document  Document
	Mandatory bool
}

// For tells whether a document is asked for an operation.
func (doc Document) For(operation string) bool {
	return len(doc.Operations) == 0 || slices.Contains(doc.Operations, operation)
}

// Asked lists the documents that are asked for an operation of a kind of recipient, in order.
func (d *Definition) Asked(operation string, r Recipient) []Asked {
	var list []Asked
	for _, doc := range d.Documents {
		if asked, mandatory := doc.Asks(r); asked && doc.For(operation) {
			list = append(list, Asked{doc, mandatory})
		}
	}
	return list
}

// Row is one row of a service's directory.
type Row struct {
	Directory string // "<service>/<directory>"
	Code      string
	Variant   string
	Name      lang.Text
	Values    map[string]string // by column key; numbers canonical
	From, To  civil.Date        // zero = open
}
