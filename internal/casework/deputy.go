package casework

// behalf marks what an official did in the place of one who is absent: the timeline and the audit name both.
func (h history) behalf(actor, absent string) {
	if absent == "" {
		return
	}
	for i := range h {
		if h[i].happening.Actor == actor {
			h[i].happening.Behalf, h[i].details["for"] = absent, absent
		}
	}
}
