package office

import (
	"net/http"

	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/service"
	"elicense/internal/web"
)

// actTakeOn takes an application and does at once what nearly always follows: the numbers that the register proposes are
// reserved, or the document of the decision is opened to be signed. It saves the official a press, and decides nothing.
const actTakeOn = "take-on"

// onward is the text of the button that takes and goes on; empty where nothing follows of itself.
func onward(c casework.Case) string {
	switch {
	case c.Step.Does == service.Allocate && len(c.Reserved) == 0:
		return "office.take-numbers"
	case signsNext(c):
		return "office.take-sign"
	}
	return ""
}

// signsNext tells whether the official who takes the application is the one who signs its decision.
func signsNext(c casework.Case) bool {
	return c.Signs && c.Application.Work.Last(c.Definition().Process)
}

// takeOn takes an application, and reserves numbers where its step chooses them. Where the register has too few of them the
// application is taken all the same, and the fault says that none are reserved.
func (o *Office) takeOn(r *web.Request, number string, version int) error {
	if err := o.Desk.Take(r.Context(), r.Actor, number, version); err != nil {
		return err
	}
	c, err := o.Desk.Open(r.Context(), r.Actor, number)
	if err != nil || c.Step.Does != service.Allocate || len(c.Reserved) > 0 {
		return err
	}
	return o.Desk.Reserve(r.Context(), r.Actor, number, nil)
}

// goOn leads to the document of the decision where it is the next thing, else to the application.
func (o *Office) goOn(w http.ResponseWriter, r *web.Request, number string) error {
	c, err := o.Desk.Open(r.Context(), r.Actor, number)
	if err != nil {
		return err
	}
	if c.May(application.Confirm) && signsNext(c) {
		return o.Server.Go(w, r, decisionPath(r, number))
	}
	return o.Server.Go(w, r, r.Link("/applications/"+number))
}
