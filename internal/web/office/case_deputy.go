package office

import (
	"elicense/internal/application"
	"elicense/internal/casework"
	"elicense/internal/web"
)

// doneBy names who did a step and, where it was done in the place of an absent official, that one too.
func doneBy(r *web.Request, c casework.Case, done application.Done) string {
	if done.For == "" {
		return c.Names[done.By]
	}
	return r.Say.T("event.behalf", "name", c.Names[done.By], "absent", c.Names[done.For])
}
