package portal

import "elicense/internal/web"

// cabinetRoutes are the personal cabinet.
func (p *Portal) cabinetRoutes() []web.Route { return nil }
