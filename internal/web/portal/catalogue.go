package portal

import "elicense/internal/web"

// catalogueRoutes are the pages of the catalogue.
func (p *Portal) catalogueRoutes() []web.Route { return nil }
