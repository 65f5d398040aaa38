package portal

import "elicense/internal/web"

// checkRoutes are the public check of permits.
func (p *Portal) checkRoutes() []web.Route { return nil }
