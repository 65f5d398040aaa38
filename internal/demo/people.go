// Package demo makes a demonstration: made-up people and organisations with valid made-up numbers, their keys, and the
// doubles of the neighbours that speak the real protocols. None of it is reachable in a production configuration.
package demo

import (
	"time"

	"elicense/internal/civil"
	"elicense/internal/demo/ca"
	"elicense/internal/ident"
	"elicense/internal/lang"
)

// Password opens every account and every key file of the demonstration.
const Password = "Demo-Kilt-2026"

// Person is a made-up person with an account.
type Person struct {
	Key   ca.Person
	Role  lang.Text
	Phone string
	// Profile holds typical fields that are filled in already.
	Profile map[string]string
}

// Number is what the person logs in with.
func (p Person) Number() string {
	if p.Key.BIN != "" {
		return p.Key.BIN
	}
	return p.Key.IIN
}

// iin makes a valid made-up IIN: the first serial from the given one whose check digit exists.
func iin(year, month, day int, female bool, serial int) string {
	for ; ; serial++ {
		if n, ok := ident.MakeIIN(civil.New(year, time.Month(month), day), female, serial); ok {
			return string(n)
		}
	}
}

// bin makes a valid made-up BIN of a resident legal entity (type 4, head office).
func bin(year, month, serial int) string {
	for ; ; serial++ {
		if n, ok := ident.MakeBIN(year, month, '4', '0', serial); ok {
			return string(n)
		}
	}
}

// TradeBIN and ImportBIN are the BINs of the two made-up organisations.
func TradeBIN() string { return bin(2021, 3, 70101) }

// ImportBIN is the BIN of the organisation with two representatives.
func ImportBIN() string { return bin(2023, 9, 70202) }

// OperatorBIN is the BIN of the made-up organisation that runs the demonstration.
func OperatorBIN() string { return bin(2020, 1, 70303) }

// People lists the people of the demonstration. Their surnames mean "sample", "example" and "trial".
func People() []Person {
	astana := map[string]string{"city": "711210000", "postal_index": "010000", "street_kk": "Үлгі көшесі", "street_ru": "улица Улги", "house": "1", "flat": "12"}
	return []Person{
		{
			Key:  ca.Person{Kind: ca.Individual, IIN: iin(1990, 5, 14, true, 7001), Surname: "Мысалова", GivenName: "Айгүл", Patronymic: "Серікқызы", Email: "mysalova@example.kz"},
			Role: lang.Text{KK: "жеке тұлға", RU: "физическое лицо", EN: "individual"}, Phone: "+77010000001", Profile: astana,
		},
		{
			Key:  ca.Person{Kind: ca.SoleProprietor, IIN: iin(1984, 11, 2, false, 7002), Surname: "Сынақов", GivenName: "Тимур", Patronymic: "Болатұлы", Email: "synakov@example.kz"},
			Role: lang.Text{KK: "жеке кәсіпкер", RU: "индивидуальный предприниматель", EN: "sole proprietor"}, Phone: "+77010000002", Profile: map[string]string{"sole_proprietor": "yes"},
		},
		{
			Key: ca.Person{Kind: ca.Head, IIN: iin(1979, 1, 23, false, 7003), Surname: "Үлгібаев", GivenName: "Ерлан", Patronymic: "Маратұлы", Email: "ulgibaev@example.kz",
				BIN: TradeBIN(), Organisation: "«Үлгі Сауда» ЖШС"},
			Role: lang.Text{KK: "ұйымның басшысы", RU: "руководитель организации", EN: "head of an organisation"}, Phone: "+77010000003",
		},
		{
			Key: ca.Person{Kind: ca.Head, IIN: iin(1982, 7, 30, true, 7004), Surname: "Мысалбаева", GivenName: "Дана", Patronymic: "Қайратқызы", Email: "mysalbaeva@example.kz",
				BIN: ImportBIN(), Organisation: "«Мысал Импорт» ЖШС"},
			Role: lang.Text{KK: "екі өкілі бар ұйымның басшысы", RU: "руководитель организации с двумя представителями", EN: "head of an organisation with two representatives"}, Phone: "+77010000004",
		},
		{
			Key: ca.Person{Kind: ca.RightToSign, IIN: iin(1995, 3, 8, false, 7005), Surname: "Үлгіленов", GivenName: "Санжар", Patronymic: "Асқарұлы", Email: "ulgilenov@example.kz",
				BIN: ImportBIN(), Organisation: "«Мысал Импорт» ЖШС"},
			Role: lang.Text{KK: "қол қою құқығы бар өкіл", RU: "представитель с правом подписи", EN: "representative with the right to sign"}, Phone: "+77010000005",
		},
		{
			Key: ca.Person{Kind: ca.Employee, IIN: iin(1998, 12, 19, true, 7006), Surname: "Сынақбаева", GivenName: "Әсел", Patronymic: "Нұрланқызы", Email: "synakbaeva@example.kz",
				BIN: TradeBIN(), Organisation: "«Үлгі Сауда» ЖШС"},
			Role: lang.Text{KK: "қол қою құқығы жоқ қызметкер", RU: "сотрудник без права подписи", EN: "employee without the right to sign"}, Phone: "+77010000006",
		},
	}
}

// Title is the person's name, with the organisation's where the key is for one.
func (p Person) Title() string {
	name := p.Key.Surname + " " + p.Key.GivenName
	if p.Key.Organisation != "" {
		return p.Key.Organisation + ", " + name
	}
	return name
}

// Keys gives the keys of a person, made where the authority's folder does not hold them yet: that of RSA in PEM, with which
// openssl signs, and that of GOST R 34.10-2015 as PKCS #12 under Password.
func Keys(authority *ca.CA, p ca.Person) (rsa, national ca.KeyPair, err error) {
	if rsa, err = authority.Issue(p); err != nil {
		return rsa, national, err
	}
	national, err = authority.IssueAs(p, ca.GOST512, Password)
	return rsa, national, err
}

// Seal is whose certificate seals the documents of the demonstration.
func Seal() ca.Person {
	return ca.Person{Kind: ca.Head, IIN: iin(1975, 6, 6, false, 7099), Surname: "Үлгі", GivenName: "Мөр", BIN: bin(2020, 1, 70999), Organisation: "Е-лицензиялау (демо мөрі)"}
}
