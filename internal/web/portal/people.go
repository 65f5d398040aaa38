package portal

import "elicense/internal/web"

// peopleRoutes are registration, log-in, recovery and the profile, and what every form needs of signing and directories.
func (p *Portal) peopleRoutes() []web.Route {
	var all []web.Route
	all = append(all, p.signingRoutes()...)
	return append(all, p.lookupRoutes()...)
}
