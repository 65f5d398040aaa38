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

// fallback is how officials decide an application of a service that the system decides: two persons, on the grounds of the
// automatic decision. Their rules are left out: officials judge, and see what the rules find.
func fallback(d *Definition) Process {
	p := Process{Steps: []Step{
		{Key: fallbackExamine, Who: access.Executor, Name: lang.Text{KK: "Өтінішті қарау", RU: "Рассмотрение заявления", EN: "Examination of the application"}},
		{Key: fallbackDecide, Who: access.Approver, Name: lang.Text{KK: "Шешім қабылдау", RU: "Принятие решения", EN: "Decision"}},
	}}
	for _, g := range d.Decision.Refuse {
		g.If = Expr{}
		p.Grounds = append(p.Grounds, g)
	}
	return p
}
