package portal

import "elicense/internal/web"

// peopleRoutes are registration, log-in, recovery and the profile.
func (p *Portal) peopleRoutes() []web.Route { return nil }
