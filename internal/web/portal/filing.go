package portal

import "elicense/internal/web"

// filingRoutes are the wizard.
func (p *Portal) filingRoutes() []web.Route { return nil }
