// Package paper is the register of licences that were issued on paper: a state body hands it over in files, each of which
// waits in a quarantine until a second person lets it in, and a holder has a licence of it restored in electronic form, once.
package paper

import (
	"context"
	"slices"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// Papers keeps the register.
type Papers struct {
	Store port.Store
	World port.World
	// Known tells whether a state body exists.
	Known  func(body string) bool
	Tables port.Tables
	// Witness notes who read the rows of a batch.
	Witness port.Witness
	// Start has the work on what is released begin now.
	Start func(ctx context.Context) error
}

// maxCandidates bounds the papers that one claim is compared with.
const maxCandidates = 20

// Match compares a claim with the papers of its state body that have its number or its holder: those in which most agrees
// first. None is no error. What differs is for the official to judge; a paper that is claimed already is among them.
func (p *Papers) Match(ctx context.Context, v port.View, c permit.PaperClaim) ([]permit.PaperMatch, error) {
	list, err := v.Permits().Candidates(ctx, c.Body, c.Number, c.HolderNumber, maxCandidates)
	if err != nil {
		return nil, err
	}
	var found []permit.PaperMatch
	for _, x := range list {
		found = append(found, x.Compare(c))
	}
	slices.SortStableFunc(found, func(a, b permit.PaperMatch) int { return len(b.Agrees) - len(a.Agrees) })
	return found, nil
}

// ClaimIn notes, in the unit that sends or registers the application, that it restores the paper. While another
// application does or did it is fault.Conflict "store.paper-claimed".
func (p *Papers) ClaimIn(tx port.Tx, actor access.Actor, id, application string, at time.Time) {
	tx.Write().Permits().ClaimPaper(id, application)
	p.audit(tx, actor, "paper.claimed", id, map[string]string{"application": application}, at)
}

// ReleaseIn gives the paper back, in the unit that refuses or ends the application.
func (p *Papers) ReleaseIn(tx port.Tx, actor access.Actor, id, application string, at time.Time) {
	tx.Write().Permits().ReleasePaper(id, application)
	p.audit(tx, actor, "paper.released", id, map[string]string{"application": application}, at)
}

// RestoreIn notes, in the unit that issues it, the electronic permit that the paper became; only the application that
// claimed the paper can: otherwise fault.Conflict "store.paper-claimed".
func (p *Papers) RestoreIn(tx port.Tx, actor access.Actor, id, application, number string, at time.Time) {
	tx.Write().Permits().RestorePaper(id, application, number)
	p.audit(tx, actor, "paper.restored", id, map[string]string{"application": application, "permit": number}, at)
}

func (p *Papers) audit(tx port.Tx, actor access.Actor, action, id string, details map[string]string, at time.Time) {
	tx.Write().Records().Audit(audit.Entry{ID: p.World.ID(), Salt: p.World.Random(16), At: at, Actor: actor.Name(), Action: action,
		Object: "paper/" + id, Details: details})
}
