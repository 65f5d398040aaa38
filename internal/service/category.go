package service

import "slices"

// Category is what the applicant gives the state body and receives from it (Law on permits and notifications, article 3): a
// permit is asked for and decided, a notification is given and accepted.
type Category string

// The categories.
const (
	PermitCategory Category = "permit"
	// Notification is what a person tells the state body before beginning or ending an activity. Nobody decides: once it is
	// complete and signed it is accepted, and its document is the slip of acceptance.
	Notification Category = "notification"
)

func categories() []Category { return []Category{PermitCategory, Notification} }

// Notifies tells that the service takes notifications.
func (d *Definition) Notifies() bool { return d.Category == Notification }

// Part is a part of a service's text, as `unconfirmed` names it.
type Part string

// Parts are those that can be marked as not confirmed. Terms and fees are marked at their operation, acts at themselves.
func Parts() []Part {
	return []Part{"recipients", "form", "documents", "decision", "requirements", "opinions", "grounds", "validity", "permit"}
}

// accepted lets the system accept notifications: that is what the category means, so their text does not say it.
func (d *Definition) accepted() {
	if d.Notifies() {
		d.Decision.Automatic = true
	}
}

// category checks what the category asks of the other parts.
func (c *checker) category() {
	d := c.def
	oneOf(c.at("category"), "category", d.Category, categories())
	c.distinct("unconfirmed", "", len(d.Unconfirmed), func(i int) string { return string(d.Unconfirmed[i]) }, nil)
	for i, p := range d.Unconfirmed {
		if !slices.Contains(Parts(), p) {
			c.at("unconfirmed[%d]", i).add("unconfirmed: there is no part %q%s", p, Meant(string(p), words(Parts())))
		}
	}
	if !d.Notifies() {
		return
	}
	if len(d.Decision.Refuse) > 0 {
		c.at("decision.refuse").add("category notification: nobody decides, so nothing is refused: let the form find it (checks, required)")
	}
	if d.Permit.Class != 0 {
		c.at("permit.class").add("category notification: classes are of permits: leave class out")
	}
	for i, o := range d.Operations {
		if o.WorkingDays != 0 {
			c.at("operations[%d].working_days", i).add("category notification: operation %s is accepted at once: leave working_days out", o.Key)
		}
		if o.Does != "" && o.Does != Issue {
			c.at("operations[%d].does", i).add("category notification: operation %s gives a slip of its own: leave does out", o.Key)
		}
	}
}

// letters checks the first letter of the documents' numbers.
func (c *checker) letters() {
	n := c.def.Numbers.Permit
	switch slip := n[0] == 'U'; {
	case c.def.Notifies() && !slip:
		c.at("numbers.permit").add("numbers.permit: slips of notifications begin with U, not %c", n[0])
	case !c.def.Notifies() && slip:
		c.at("numbers.permit").add("numbers.permit: U is for the slips of notifications: take L or V, or say category: notification")
	}
}
