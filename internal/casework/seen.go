package casework

import (
	"context"

	"elicense/internal/access"
	"elicense/internal/port"
)

// saw notes that an official opened an application. What cannot be noted is not shown.
func (d *Desk) saw(ctx context.Context, actor access.Actor, number string) error {
	return d.Witness.Saw(ctx, actor, port.Sight{Action: "application.seen", Object: "application/" + number})
}
