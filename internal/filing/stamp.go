package filing

import (
	"context"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// How many signatures get their late time stamp at once, and how many in one run of the job.
const (
	stampPage = 20
	stampRun  = 200
)

// Stamp obtains the time stamps that could not be had when their signatures were received, oldest first. It ends at the first
// question that no authority answers, with fault.Unavailable, and leaves the rest to the next run. A signature that cannot be
// stamped is passed over. It is repeatable.
func (f *Filing) Stamp(ctx context.Context) error {
	if f.Stamper == nil {
		return nil
	}
	after := ""
	for range stampRun / stampPage {
		var waiting []port.Unstamped
		err := f.Store.View(ctx, func(v port.View) (err error) {
			waiting, err = v.Applications().Unstamped(ctx, after, stampPage)
			return err
		})
		if err != nil || len(waiting) == 0 {
			return err
		}
		for _, w := range waiting {
			after = w.Signature
			evidence, err := f.Stamper.Stamp(ctx, w.CMS)
			if fault.KindOf(err) == fault.Invalid && err != nil {
				continue
			}
			if err != nil {
				return err
			}
			if err := f.Store.Update(ctx, func(tx port.Tx) error {
				for _, e := range evidence {
					tx.Write().Applications().AddEvidence(w.Signature, e)
				}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
