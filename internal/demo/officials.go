package demo

import (
	"context"
	"slices"
	"strings"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/demo/ca"
	"elicense/internal/lang"
)

// Official is a made-up official with an account on the internal portal.
type Official struct {
	access.Official
	Role  lang.Text
	Group lang.Text // the state body; in the official's certificate too, in Kazakh
}

// Officials lists the officials of the demonstration, body by body. Password opens their accounts.
func Officials() []Official {
	var list []Official
	for _, body := range []string{"cci", "knb", "local", "menr", "moh", "mti"} {
		for _, o := range slices.Concat(Deciders(), others(), elsewhere()) {
			if o.Body == body {
				list = append(list, o)
			}
		}
	}
	return list
}

// one is an official of a body whose duties say the role.
func one(login, surname, given, patronymic, department, iin string, role lang.Text, duties ...access.Duty) Official {
	body, _, _ := strings.Cut(login, ".")
	return Official{access.Official{Login: login, Person: iin, Surname: surname, GivenName: given, Patronymic: patronymic, Body: body, Department: department, Duties: duties}, role, bodyName(body)}
}

func bodyName(body string) lang.Text {
	return map[string]lang.Text{
		"cci":   {KK: "Байланыс және ақпараттандыру комитеті", RU: "Комитет связи и информатизации", EN: "Committee of Communications and Informatization"},
		"knb":   {KK: "Ұлттық қауіпсіздік комитеті", RU: "Комитет национальной безопасности", EN: "National Security Committee"},
		"local": {KK: "Жергілікті атқарушы органдар", RU: "Местные исполнительные органы", EN: "Local executive bodies"},
		"menr":  {KK: "Экология және табиғи ресурстар министрлігі", RU: "Министерство экологии и природных ресурсов", EN: "Ministry of Ecology and Natural Resources"},
		"moh":   {KK: "Денсаулық сақтау министрлігі", RU: "Министерство здравоохранения", EN: "Ministry of Healthcare"},
		"mti":   {KK: "Сауда және интеграция министрлігі", RU: "Министерство торговли и интеграции", EN: "Ministry of Trade and Integration"},
	}[body]
}

func executor() lang.Text {
	return lang.Text{KK: "орындаушы", RU: "исполнитель", EN: "executor"}
}

func approver() lang.Text {
	return lang.Text{KK: "бекітуші", RU: "утверждающий", EN: "approver"}
}

// Deciders are two persons at each of the bodies with most services that officials decide, and who publishes.
func Deciders() []Official {
	return []Official{
		one("cci.executor", "Үлгібекова", "Гүлнар", "Асқарқызы", "", iin(1988, 4, 11, true, 7201), executor(), access.Registrar, access.Executor),
		one("cci.approver", "Сынақбеков", "Арман", "Ерболұлы", "", iin(1976, 9, 3, false, 7202), approver(), access.Approver, access.Head),
		one("knb.executor", "Мысалиева", "Жанар", "Бекқызы", "", iin(1991, 2, 17, true, 7203), executor(), access.Registrar, access.Executor),
		one("knb.approver", "Үлгіманов", "Нұрлан", "Сапарұлы", "", iin(1972, 12, 28, false, 7204), approver(), access.Approver, access.Head, access.Administrator),
		one("mti.publisher", "Сынақова", "Мадина", "Талғатқызы", "", iin(1985, 6, 21, true, 7205), lang.Text{KK: "қызметтерді жариялаушы", RU: "публикатор услуг", EN: "publisher of services"},
			access.Registrar, access.Executor, access.Approver, access.Publisher, access.Administrator),
	}
}

// South is the department of the second executors.
const South = "south"

// others are a second executor, a head, an administrator and an auditor at two bodies.
func others() []Official {
	head := lang.Text{KK: "басшы", RU: "руководитель", EN: "head"}
	administrator := lang.Text{KK: "әкімші", RU: "администратор", EN: "administrator"}
	auditor := lang.Text{KK: "аудитор", RU: "аудитор", EN: "auditor"}
	return []Official{
		one("cci.south", "Мысалов", "Дәулет", "Маратұлы", South, iin(1993, 5, 14, false, 7206), executor(), access.Executor),
		one("cci.head", "Үлгіқызы", "Айгүл", "Серікқызы", "", iin(1969, 1, 30, true, 7207), head, access.Head),
		one("cci.admin", "Сынақов", "Бауыржан", "Қайратұлы", "", iin(1987, 7, 7, false, 7208), administrator, access.Administrator),
		one("cci.auditor", "Мысалқызы", "Динара", "Ержанқызы", "", iin(1980, 3, 22, true, 7209), auditor, access.Auditor),
		one("knb.south", "Үлгібаев", "Санжар", "Әлімұлы", South, iin(1994, 10, 2, false, 7210), executor(), access.Executor),
		one("knb.head", "Сынақбаева", "Сәуле", "Нұрқызы", "", iin(1971, 8, 19, true, 7211), head, access.Head),
		one("knb.admin", "Мысалбеков", "Ерлан", "Дәуренұлы", "", iin(1990, 11, 5, false, 7212), administrator, access.Administrator),
		one("knb.auditor", "Үлгісова", "Камила", "Оразқызы", "", iin(1982, 12, 12, true, 7213), auditor, access.Auditor),
	}
}

// elsewhere are two persons at each of the other bodies whose applications officials decide or look at again.
func elsewhere() []Official {
	return []Official{
		one("local.executor", "Мысалқұлова", "Гүлсім", "Болатқызы", "", iin(1989, 9, 9, true, 7214), executor(), access.Registrar, access.Executor),
		one("local.approver", "Үлгіқұлов", "Марат", "Серікұлы", "", iin(1974, 4, 25, false, 7215), approver(), access.Approver, access.Head),
		one("menr.executor", "Сынақұлова", "Ақмарал", "Ержанқызы", "", iin(1992, 6, 13, true, 7216), executor(), access.Registrar, access.Executor),
		one("menr.approver", "Мысалқожаев", "Талғат", "Әлімұлы", "", iin(1970, 10, 8, false, 7217), approver(), access.Approver, access.Head),
		one("moh.executor", "Үлгібаева", "Шолпан", "Нұрланқызы", "", iin(1986, 3, 2, true, 7218), executor(), access.Registrar, access.Executor),
		one("moh.approver", "Сынақжанов", "Қуаныш", "Маратұлы", "", iin(1977, 12, 16, false, 7219), approver(), access.Approver, access.Head),
		one("mti.approver", "Мысалжанова", "Гаухар", "Ерланқызы", "", iin(1979, 5, 20, true, 7220), approver(), access.Approver, access.Head),
	}
}

// Departments are the departments of the two bodies, by territory.
func Departments() []access.Department {
	var list []access.Department
	for _, body := range []string{"cci", "knb"} {
		list = append(list, access.Department{Key: "north", Body: body, Territory: []string{"71", "10", "11", "35", "39", "55", "59", "62", "63"},
			Name: lang.Text{KK: "Солтүстік және шығыс өңірлер басқармасы", RU: "Управление по северным и восточным регионам", EN: "Directorate for the northern and eastern regions"}},
			access.Department{Key: South, Body: body, Territory: []string{"75", "79", "15", "19", "23", "27", "31", "33", "43", "47", "61"},
				Name: lang.Text{KK: "Оңтүстік және батыс өңірлер басқармасы", RU: "Управление по южным и западным регионам", EN: "Directorate for the southern and western regions"}})
	}
	return list
}

// BodyBIN is the made-up BIN of a state body of the demonstration; empty for those without officials.
func BodyBIN(body string) string {
	serials := map[string]int{"cci": 70401, "knb": 70402, "mti": 70403, "local": 70404, "menr": 70405, "moh": 70406}
	if serials[body] == 0 {
		return ""
	}
	return bin(2015, 4, serials[body])
}

// BodySeal is whose certificate seals the documents of a body that has a BIN.
func BodySeal(body string) ca.Person {
	return ca.Person{Kind: ca.Head, IIN: iin(1975, 6, 6, false, 7098), Surname: "Үлгі", GivenName: "Мөр", BIN: BodyBIN(body), Organisation: bodyName(body).KK}
}

// Key is whose certificate an official signs decisions with: an employee of the state body.
func (o Official) Key() ca.Person {
	return ca.Person{Kind: ca.Employee, IIN: o.Person, Surname: o.Surname, GivenName: o.GivenName, Patronymic: o.Patronymic, BIN: BodyBIN(o.Body), Organisation: o.Group.KK}
}

// SeedOfficials makes the departments and the officials' accounts that do not exist yet, each account with Password as its
// own. pick may leave officials out; nil = all.
func SeedOfficials(ctx context.Context, accounts *account.Accounts, bodies []string, pick func(Official) bool) error {
	known, err := accounts.Officials(ctx, "")
	if err != nil {
		return err
	}
	for _, d := range Departments() {
		system := access.Actor{Role: access.System, Account: maker, Body: d.Body}
		staff, err := accounts.Staff(ctx, system)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(staff.Departments, func(k access.Department) bool { return k.Key == d.Key }) {
			continue
		}
		if err := accounts.SaveDepartment(ctx, system, d, false); err != nil {
			return err
		}
	}
	for _, o := range Officials() {
		if pick != nil && !pick(o) || slices.ContainsFunc(known, func(k access.Official) bool { return k.Login == o.Login }) {
			continue
		}
		made, first, err := accounts.AddOfficial(ctx, maker, o.Official, bodies)
		if err != nil {
			return err
		}
		if _, err := accounts.ChangeOfficialPassword(ctx, access.ActorOf(made), first, Password); err != nil {
			return err
		}
	}
	return nil
}

// maker is who makes them in the rows of the audit.
const maker = "demonstration"
