package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"elicense/bench/internal/prepare"
	"elicense/internal/application"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// ordered is a part of an act with a permit that an official was told is done: its proposal, or its confirmation.
type ordered struct {
	id, account string
	confirmed   bool
}

// lived are the acts that officials do with a permit that they issued, in their order.
func lived() []permit.Kind { return []permit.Kind{permit.Suspension, permit.Resumption} }

// ground is a ground of such an act, common to all services.
func ground(k permit.Kind) string {
	return map[permit.Kind]string{permit.Suspension: "violation", permit.Resumption: "remedied"}[k]
}

// live has officials suspend the permit that an application led to, and resume it.
func (o *office) live(ctx context.Context, client *http.Client, number string, propose, confirm []prepare.Official) error {
	if outcomeOf(number, false, true) {
		return nil
	}
	var address string
	err := o.until(number, func() (bool, error) {
		page, err := o.read(ctx, client, propose[0], o.address(number))
		if err != nil {
			return false, err
		}
		m := regexp.MustCompile(`KZ[0-9]{2}LRD[0-9]{8}`).FindString(page)
		if m == "" {
			return false, fmt.Errorf("%s: no permit", number)
		}
		address = o.base + "/kk/permits/" + m
		return true, nil
	})
	for _, kind := range lived() {
		if err != nil {
			return err
		}
		if err = race(propose, func(who prepare.Official) error { return o.propose(ctx, client, who, address, kind) }); err == nil {
			err = race(confirm, func(who prepare.Official) error { return o.confirm(ctx, client, who, address) })
		}
	}
	return err
}

// propose proposes an act. A conflict says that it waits already: by another, or by who did not hear the answer.
func (o *office) propose(ctx context.Context, client *http.Client, who prepare.Official, address string, kind permit.Kind) error {
	form := url.Values{"from": {time.Now().Format("02.01.2006")}, "ground": {ground(kind)}, "reason_kk": {"Себебі осындай."}, "reason_ru": {"Причина такова."}}
	return o.until(address, func() (bool, error) {
		answer, err := o.post(ctx, client, who, address+"/propose/"+string(kind), form)
		switch {
		case err != nil:
			return false, err
		case answer.StatusCode == http.StatusConflict:
			o.raced.Add(1)
		default:
			location := answer.Header.Get("Location")
			o.order(ordered{id: location[strings.LastIndexByte(location, '/')+1:], account: who.Account})
		}
		return true, nil
	})
}

// confirm signs the act that waits with a permit, until none does.
func (o *office) confirm(ctx context.Context, client *http.Client, who prepare.Official, address string) error {
	return o.until(address, func() (bool, error) {
		page, err := o.read(ctx, client, who, address)
		if err != nil {
			return false, err
		}
		m := regexp.MustCompile(`/kk/permit-orders/([^"/]+)"`).FindStringSubmatch(page)
		if m == nil {
			return true, nil
		}
		x := ordered{id: m[1], account: who.Account, confirmed: true}
		if o.run.control { // believes before it is told
			o.order(x)
		}
		done, err := o.sign(ctx, client, who, o.base+"/kk/permit-orders/"+m[1]+"/signature")
		switch {
		case err != nil:
			return false, err
		case !done:
			o.raced.Add(1)
		case !o.run.control:
			o.order(x)
		}
		return false, nil
	})
}

func (o *office) order(x ordered) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ordered = append(o.ordered, x)
}

// lives looks whether every act that was confirmed is stored once, under the order and for the official to whom it was
// confirmed, whether a request of a holder led to one act, and whether what holds of a permit is what its acts leave. It gives
// how many acts there are.
func (o *office) lives(ctx context.Context, v port.View, end bool) (found outcome, acts int, err error) {
	closed := map[ordered]bool{}
	for _, number := range o.run.site.Cases {
		a, err := v.Applications().Application(ctx, number)
		if err != nil {
			return found, 0, err
		}
		if a.Permit == "" {
			continue
		}
		list, err := o.folded(ctx, v, a.Permit, &found)
		if err != nil {
			return found, 0, err
		}
		acts += len(list)
		for i, x := range list {
			if i >= len(lived()) || x.Kind != lived()[i] {
				found.duplicate++
			}
		}
		if end && len(list) < len(lived()) {
			found.lost++
		}
		orders, err := v.Permits().Orders(ctx, port.PermitOrderSearch{Permit: a.Permit})
		if err != nil {
			return found, 0, err
		}
		for _, x := range orders {
			closed[ordered{id: x.ID, account: x.Proposed.By}] = true
			if x.State == permit.Confirmed && slices.ContainsFunc(list, func(a permit.Act) bool { return a.Order == x.ID && a.By == x.Closed.By }) {
				closed[ordered{id: x.ID, account: x.Closed.By, confirmed: true}] = true
			}
		}
	}
	for _, r := range o.run.site.Requests {
		n, err := o.asked(ctx, v, r, end, &found)
		if err != nil {
			return found, 0, err
		}
		acts += n
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, x := range o.ordered {
		if !closed[x] {
			found.lost++
		}
		delete(closed, x) // confirmed to one once
	}
	return found, acts, nil
}

// asked looks at what a holder's request led to.
func (o *office) asked(ctx context.Context, v port.View, r prepare.Request, end bool, found *outcome) (acts int, err error) {
	a, err := v.Applications().Application(ctx, r.Number)
	if err != nil {
		return 0, err
	}
	list, err := o.folded(ctx, v, r.Permit, found)
	if err != nil {
		return 0, err
	}
	want := permit.Addition
	if r.Ends {
		want = permit.Termination
	}
	for _, x := range list {
		switch {
		case x.Application != r.Number: // its first appendix
		case x.Kind != want:
			found.mismatch++
		default:
			acts++
		}
	}
	switch {
	case acts > 1:
		found.duplicate++
	case acts == 0 && (end || a.State == application.Issued):
		found.lost++
	case acts == 1 && a.State != application.Issued:
		found.mismatch++
	}
	return acts, nil
}

// folded gives the acts with a permit, and notes where what is kept of them is not what they leave.
func (o *office) folded(ctx context.Context, v port.View, number string, found *outcome) ([]permit.Act, error) {
	p, err := v.Permits().Permit(ctx, number)
	if err != nil {
		return nil, err
	}
	list, err := v.Permits().Acts(ctx, number)
	if err != nil {
		return nil, err
	}
	kept, err := json.Marshal(p.Standing)
	if err != nil {
		return nil, err
	}
	left, err := json.Marshal(p.After(list))
	if !bytes.Equal(kept, left) {
		found.mismatch++
	}
	return list, err
}
