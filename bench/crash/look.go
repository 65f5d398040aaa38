package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"elicense/internal/app"
	"elicense/internal/application"
	"elicense/internal/port"
)

// outcome counts what is wrong.
type outcome struct{ lost, duplicate, mismatch int }

func (o outcome) sum() int { return o.lost + o.duplicate + o.mismatch }

func (o *outcome) add(x outcome) {
	o.lost, o.duplicate, o.mismatch = o.lost+x.lost, o.duplicate+x.duplicate, o.mismatch+x.mismatch
}

// findings are what was found after every kill and at the end: about the applicants, the officials, and the acts with permits.
type findings struct {
	outcome
	officials, permits outcome
	fsck               int // broken promises that the program itself tells of
	acts               int // stored at the end
}

// look looks at what is stored while no server runs: the program's own check of its promises first, then everything that was
// confirmed so far. At the end, nothing may be left to do either.
func (r *run) look(ctx context.Context, end bool) error {
	if err := r.fsck(ctx); err != nil {
		return err
	}
	r.found.mismatch += int(r.differ.Swap(0))
	store, err := app.OpenStore(ctx, r.site.Config)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // only read
	return store.View(ctx, func(v port.View) error {
		permits, err := r.submitted(ctx, v, end)
		if err != nil {
			return err
		}
		decided, issued, err := r.office.check(ctx, v, end)
		if err != nil {
			return err
		}
		lives, acts, err := r.office.lives(ctx, v, end)
		if err != nil {
			return err
		}
		r.found.officials.add(decided)
		r.found.permits.add(lives)
		r.found.acts = acts
		numbers, err := v.Records().Numbers(ctx, "permit", "", 10*(r.submissions+r.cases+r.requests))
		if all := permits + issued + r.requests; end && !r.control && len(numbers) > all {
			r.found.duplicate += len(numbers) - all
		}
		return err
	})
}

func (r *run) fsck(ctx context.Context) error {
	args := append([]string{"fsck", "--json"}, r.site.Args()[1:]...)
	out, err := exec.CommandContext(ctx, r.program, args...).Output()
	var report struct {
		Broken []struct{ Promise, Thing, Text string } `json:"broken"`
	}
	if jsonErr := json.Unmarshal(out, &report); jsonErr != nil {
		return fmt.Errorf("fsck: %w %w\n%s", err, jsonErr, out)
	}
	for _, b := range report.Broken {
		fmt.Fprintf(os.Stderr, "fsck: %s %s: %s\n", b.Promise, b.Thing, b.Text)
		r.found.fsck++
	}
	return nil
}

// submitted holds the confirmed submissions against what is stored, and gives how many of them have a permit. One that came before
// the server knew the revocation list again waits for it; at the end all are decided.
func (r *run) submitted(ctx context.Context, v port.View, end bool) (permits int, err error) {
	for _, s := range r.site.Submissions {
		if _, confirmed := r.confirms.Load(s.Number); !confirmed {
			continue
		}
		a, err := v.Applications().Application(ctx, s.Number)
		if err != nil {
			return 0, err
		}
		decided := a.State == application.Issued || a.State == application.Returned
		if a.State == application.Draft || end && !decided {
			r.found.lost++
			continue
		}
		if a.Permit != "" {
			permits++
		}
		signed, err := v.Applications().Signatures(ctx, s.Number)
		if err != nil {
			return 0, err
		}
		if len(signed) != 1 {
			r.found.duplicate++
		}
	}
	return permits, nil
}
