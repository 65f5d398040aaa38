package demo

import (
	"context"
	"slices"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/demo/ca"
	"elicense/internal/lang"
)

// Official is a made-up official with an account on the internal portal.
type Official struct {
	access.Official
	Role lang.Text
	// Organisation is the name of the state body in the official's certificate.
	Organisation string
}

// Officials lists the officials of the demonstration: two persons at each of the bodies whose services officials decide.
// Password opens their accounts.
func Officials() []Official {
	var names map[string]string
	one := func(login, surname, given, patronymic, body string, iin string, role lang.Text, duties ...access.Duty) Official {
		return Official{Official: access.Official{Login: login, Person: iin, Surname: surname, GivenName: given, Patronymic: patronymic, Body: body, Duties: duties}, Role: role, Organisation: names[body]}
	}
	executor := func(kk, ru, en string) lang.Text {
		return lang.Text{KK: "орындаушы, " + kk, RU: "исполнитель, " + ru, EN: "executor, " + en}
	}
	approver := func(kk, ru, en string) lang.Text {
		return lang.Text{KK: "бекітуші, " + kk, RU: "утверждающий, " + ru, EN: "approver, " + en}
	}
	cci := [3]string{"Байланыс және ақпараттандыру комитеті", "Комитет связи и информатизации", "Committee of Communications and Informatization"}
	knb := [3]string{"Ұлттық қауіпсіздік комитеті", "Комитет национальной безопасности", "National Security Committee"}
	mti := [3]string{"Сауда және интеграция министрлігі", "Министерство торговли и интеграции", "Ministry of Trade and Integration"}
	names = map[string]string{"cci": cci[0], "knb": knb[0], "mti": mti[0]}
	return []Official{
		one("cci.executor", "Үлгібекова", "Гүлнар", "Асқарқызы", "cci", iin(1988, 4, 11, true, 7201), executor(cci[0], cci[1], cci[2]), access.Registrar, access.Executor),
		one("cci.approver", "Сынақбеков", "Арман", "Ерболұлы", "cci", iin(1976, 9, 3, false, 7202), approver(cci[0], cci[1], cci[2]), access.Approver, access.Head),
		one("knb.executor", "Мысалиева", "Жанар", "Бекқызы", "knb", iin(1991, 2, 17, true, 7203), executor(knb[0], knb[1], knb[2]), access.Registrar, access.Executor),
		one("knb.approver", "Үлгіманов", "Нұрлан", "Сапарұлы", "knb", iin(1972, 12, 28, false, 7204), approver(knb[0], knb[1], knb[2]), access.Approver, access.Head),
		one("mti.publisher", "Сынақова", "Мадина", "Талғатқызы", "mti", iin(1985, 6, 21, true, 7205), lang.Text{KK: "қызметтерді жариялаушы, " + mti[0], RU: "публикатор услуг, " + mti[1], EN: "publisher of services, " + mti[2]},
			access.Registrar, access.Executor, access.Approver, access.Publisher, access.Administrator),
	}
}

// BodyBIN is the made-up BIN of a state body of the demonstration; empty for those without officials.
func BodyBIN(body string) string {
	serials := map[string]int{"cci": 70401, "knb": 70402, "mti": 70403}
	if serials[body] == 0 {
		return ""
	}
	return bin(2015, 4, serials[body])
}

// Key is whose certificate an official signs decisions with: an employee of the state body.
func (o Official) Key() ca.Person {
	return ca.Person{Kind: ca.Employee, IIN: o.Person, Surname: o.Surname, GivenName: o.GivenName, Patronymic: o.Patronymic, BIN: BodyBIN(o.Body), Organisation: o.Organisation}
}

// SeedOfficials makes the officials' accounts that do not exist yet, each with Password as its own.
func SeedOfficials(ctx context.Context, accounts *account.Accounts, bodies []string) error {
	known, err := accounts.Officials(ctx, "")
	if err != nil {
		return err
	}
	for _, o := range Officials() {
		if slices.ContainsFunc(known, func(k access.Official) bool { return k.Login == o.Login }) {
			continue
		}
		made, first, err := accounts.AddOfficial(ctx, "demonstration", o.Official, bodies)
		if err != nil {
			return err
		}
		if _, err := accounts.ChangeOfficialPassword(ctx, access.ActorOf(made), first, Password); err != nil {
			return err
		}
	}
	return nil
}
