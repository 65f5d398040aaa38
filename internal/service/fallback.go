package service

import (
	"elicense/internal/access"
	"elicense/internal/lang"
)

// The steps of a service that the system decides, where officials have to: a body stopped the automation, or a person
// overturned a refusal.
const (
	fallbackExamine = "examine"
	fallbackDecide  = "decide"
)

// unlike is the ground on which people refuse a notification: the system itself refuses none, its form finds what is wrong. Law on
// permits and notifications, article 46 (the item is to be confirmed).
func unlike() Refusal {
	return Refusal{
		Key: "notification_order",
		Ground: lang.Text{
			KK: "Хабарлама Қазақстан Республикасының заңнамасында белгіленген нысан немесе тәртіп бұзыла отырып жіберілген",
			RU: "Уведомление направлено с нарушением формы или порядка, установленных законодательством Республики Казахстан",
			EN: "The notification was not given in the form and manner set by the law of the Republic of Kazakhstan",
		},
		Act: lang.Text{KK: "202-V заңның 46-бабы", RU: "Статья 46 Закона № 202-V", EN: "Article 46 of Law No. 202-V"},
	}
}

// fallback is how officials decide an application of a service that the system decides: two persons, on the grounds of the
// automatic decision, of which a notification has one of its own. Their rules are left out: officials judge, and see what the rules find.
func fallback(d *Definition) Process {
	p := Process{Steps: []Step{
		{Key: fallbackExamine, Who: access.Executor, Name: lang.Text{KK: "Өтінішті қарау", RU: "Рассмотрение заявления", EN: "Examination of the application"}},
		{Key: fallbackDecide, Who: access.Approver, Name: lang.Text{KK: "Шешім қабылдау", RU: "Принятие решения", EN: "Decision"}},
	}}
	for _, g := range d.Decision.Refuse {
		g.If = Expr{}
		p.Grounds = append(p.Grounds, g)
	}
	if d.Notifies() {
		p.Grounds = append(p.Grounds, unlike())
	}
	return p
}
