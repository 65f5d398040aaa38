package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"elicense/bench/internal/prepare"
	"elicense/bench/internal/site"
	"elicense/internal/application"
	"elicense/internal/cms"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// office is the officials at work while the server is killed: two of each duty race for every application, do what its
// page offers them, and remember what was confirmed to them.
type office struct {
	run       *run
	base      string
	mu        sync.Mutex
	confirmed []act
	ordered   []ordered
	conflicts atomic.Int64 // of decisions
	raced     atomic.Int64 // of acts with permits
}

// act is what an official was told that is done.
type act struct {
	number, account string
	event           application.Event
}

// acts lists what a page may offer, with what each does, by what its button says. The step that is to be done comes before
// taking; a decision is signed on a page of its own.
func acts() []struct {
	button, mark string
	event        application.Event
} {
	return []struct {
		button, mark string
		event        application.Event
	}{{"examine", `value="examine"`, ""}, {"propose", `value="propose"`, application.Proposed}, {"decision", `/decision"`, ""}, {"take", `value="take"`, application.Taken}}
}

// work works on every case and request, and returns when all are done.
func (o *office) work(ctx context.Context) error {
	s := o.run.site
	var requests []string
	holders := map[string]prepare.Request{}
	for _, r := range s.Requests {
		requests, holders[r.Number] = append(requests, r.Number), r
	}
	errs := make(chan error, 2)
	go func() { errs <- o.desks(ctx, s.Cases, s.Officials, nil, o.live) }()
	go func() {
		holder := func(ctx context.Context, client *http.Client, number string) error {
			return o.run.submit(ctx, client, rand.New(rand.NewPCG(o.run.seed, 0)), o.run.base, holders[number].Submission)
		}
		errs <- o.desks(ctx, requests, s.Clerks, holder, nil)
	}()
	err := errors.Join(<-errs, <-errs)
	fmt.Fprintf(os.Stderr, "%d steps and %d acts of officials confirmed, %d and %d lost a race\n", len(o.confirmed), len(o.ordered), o.conflicts.Load(), o.raced.Load())
	return err
}

// desks has officials, the first half of whom propose and the other half confirm, work on applications: two of each duty race
// for each. first happens before, last after the decision.
func (o *office) desks(ctx context.Context, numbers []string, officials []prepare.Official, first func(context.Context, *http.Client, string) error, last func(context.Context, *http.Client, string, []prepare.Official, []prepare.Official) error) error {
	half := len(officials) / 2
	next := make(chan string)
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	one := func(client *http.Client, number string, propose, confirm []prepare.Official) error {
		if first != nil {
			if err := first(ctx, client, number); err != nil {
				return err
			}
		}
		for _, duty := range [][]prepare.Official{propose, confirm} {
			if err := race(duty, func(who prepare.Official) error { return o.decide(ctx, client, who, number) }); err != nil {
				return err
			}
		}
		if last == nil {
			return nil
		}
		return last(ctx, client, number, propose, confirm)
	}
	for i := 0; i+1 < half; i += 2 {
		group.Go(func() {
			client := site.Client(4)
			for number := range next {
				if err := one(client, number, officials[i:i+2], officials[half+i:half+i+2]); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
				o.run.done.Add(1)
			}
		})
	}
	for _, number := range numbers {
		next <- number
	}
	close(next)
	group.Wait()
	if p := failed.Load(); p != nil {
		return *p
	}
	return nil
}

// race lets officials do the same at once.
func race(officials []prepare.Official, do func(prepare.Official) error) error {
	errs := make(chan error, len(officials))
	for _, who := range officials {
		go func() { errs <- do(who) }()
	}
	var err error
	for range officials {
		err = errors.Join(err, <-errs)
	}
	return err
}

// decide does what the page of an application offers to an official, until it offers nothing. What was not confirmed is
// looked up on the page: nothing is done twice.
func (o *office) decide(ctx context.Context, client *http.Client, who prepare.Official, number string) error {
	examined := false
	return o.until(number, func() (bool, error) {
		page, err := o.read(ctx, client, who, o.address(number))
		if err != nil {
			return false, err
		}
		for _, a := range acts() {
			if !strings.Contains(page, a.mark) || a.button == "examine" && examined {
				continue
			}
			if a.button == "decision" {
				return false, o.conclude(ctx, client, who, number)
			}
			err := o.press(ctx, client, who, number, page, a.button, a.event)
			examined = examined || a.button == "examine" && err == nil
			return false, err
		}
		return true, nil
	})
}

// until repeats a step until there is nothing left of it; after two minutes of errors it is given up.
func (o *office) until(thing string, step func() (done bool, err error)) error {
	deadline := time.Now().Add(2 * time.Minute)
	for {
		done, err := step()
		switch {
		case err == nil && done:
			return nil
		case err == nil:
			continue
		case time.Now().After(deadline):
			return fmt.Errorf("%s: not done in two minutes: %w", thing, err)
		}
		time.Sleep(time.Duration(10+rand.IntN(40)) * time.Millisecond)
	}
}

// outcomeOf lets every other restoration be granted, and whatever else.
func outcomeOf[T any](number string, granted, refused T) T {
	if !strings.Contains(number, "RRD") || (number[len(number)-1]-'0')%2 == 0 {
		return granted
	}
	return refused
}

func (o *office) address(number string) string { return o.base + "/kk/applications/" + number }

func (o *office) read(ctx context.Context, client *http.Client, who prepare.Official, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	answer, body, err := o.send(client, who, req)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", address, answer.StatusCode)
	}
	return body, err
}

func (o *office) send(client *http.Client, who prepare.Official, req *http.Request) (*http.Response, string, error) {
	req.AddCookie(&http.Cookie{Name: "elicense_office", Value: who.Cookie})
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// value finds what a page offers for a field.
func value(page, field string) string {
	m := regexp.MustCompile(`name="` + field + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// press presses a button and remembers what was confirmed. A lost race is nothing: the page tells what is left to do.
func (o *office) press(ctx context.Context, client *http.Client, who prepare.Official, number, page, button string, event application.Event) error {
	form := url.Values{"version": {value(page, "version")}, "go": {button}}
	switch button {
	case "propose":
		form.Set("outcome", outcomeOf(number, "granted", "refused"))
		form.Set("paper", value(page, "paper"))
		form.Set("ground", "not_holder")
		form.Set("reason_kk", "Иесі басқа.")
		form.Set("reason_ru", "Владелец другой.")
	case "examine":
		for _, key := range prepare.Requirements() {
			form.Set(application.FindingPath(key, ""), application.Met)
		}
	}
	a := act{number, who.Account, event}
	if o.run.control { // remembers as confirmed what is not confirmed yet
		o.remember(a)
	}
	answer, err := o.post(ctx, client, who, o.address(number), form)
	switch {
	case err != nil:
		return err
	case answer.StatusCode == http.StatusConflict:
		o.conflicts.Add(1)
	case !o.run.control:
		o.remember(a)
	}
	return nil
}

// post sends a form. Any answer but "done" and "somebody was faster" is an error.
func (o *office) post(ctx context.Context, client *http.Client, who prepare.Official, address string, form url.Values) (*http.Response, error) {
	form.Set("csrf_token", who.Token)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", o.base)
	answer, body, err := o.send(client, who, req)
	if err == nil && answer.StatusCode == http.StatusTooManyRequests {
		time.Sleep(time.Second) // of the minute after which more is let in
	}
	if err == nil && answer.StatusCode != http.StatusSeeOther && answer.StatusCode != http.StatusConflict && answer.StatusCode != http.StatusGone {
		err = fmt.Errorf("%s: status %d\n%.1000s", address, answer.StatusCode, body)
	}
	return answer, err
}

// conclude signs the decision.
func (o *office) conclude(ctx context.Context, client *http.Client, who prepare.Official, number string) error {
	a := act{number, who.Account, outcomeOf(number, application.Granted, application.Refused)}
	if o.run.control {
		o.remember(a)
	}
	done, err := o.sign(ctx, client, who, o.address(number)+"/decision")
	switch {
	case err != nil:
		return err
	case !done:
		o.conflicts.Add(1)
	case !o.run.control:
		o.remember(a)
	}
	return nil
}

// sign signs the document that a page shows; false: there is nothing to sign, or somebody was faster.
func (o *office) sign(ctx context.Context, client *http.Client, who prepare.Official, address string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, err
	}
	answer, page, err := o.send(client, who, req)
	switch {
	case err != nil:
		return false, err
	case answer.StatusCode == http.StatusConflict:
		return false, nil
	case answer.StatusCode != http.StatusOK:
		return false, fmt.Errorf("%s: status %d", address, answer.StatusCode)
	}
	payload, form := regexp.MustCompile(`data-payload="([^"]+)"`).FindStringSubmatch(page), regexp.MustCompile(`action="([^"]+challenge=[0-9a-f]+)"`).FindStringSubmatch(page)
	if payload == nil || form == nil {
		return false, fmt.Errorf("%s: nothing to sign", address)
	}
	content, err := base64.StdEncoding.DecodeString(html.UnescapeString(payload[1]))
	if err != nil {
		return false, err
	}
	signature, err := cms.Sign(content, who.Key.Key, who.Key.Certificate, cms.Options{Detached: true, SigningTime: time.Now()})
	if err != nil {
		return false, err
	}
	answer, err = o.post(ctx, client, who, o.base+html.UnescapeString(form[1]), url.Values{"cms": {base64.StdEncoding.EncodeToString(signature)}})
	return err == nil && answer.StatusCode == http.StatusSeeOther, err
}

// remember notes a step; what leaves no event is not looked for.
func (o *office) remember(a act) {
	if a.event == "" {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.confirmed = append(o.confirmed, a)
}

// check looks whether everything that was confirmed is stored, for the official to whom it was confirmed, and nothing was
// done twice: two takings, one proposal and one signed decision make an application. At the end all are decided. It gives how
// many permits the cases led to.
func (o *office) check(ctx context.Context, v port.View, end bool) (found outcome, permits int, err error) {
	s := o.run.site
	numbers := slices.Clone(s.Cases)
	for _, r := range s.Requests {
		numbers = append(numbers, r.Number)
	}
	stored := map[act]int{}
	for _, number := range numbers {
		list, err := v.Applications().Happenings(ctx, number)
		if err != nil {
			return found, 0, err
		}
		count := map[application.Event]int{}
		for _, h := range list {
			count[h.Event]++
			stored[act{number, h.Actor, h.Event}]++
		}
		a, err := v.Applications().Application(ctx, number)
		if err != nil {
			return found, 0, err
		}
		signed, err := v.Applications().Signatures(ctx, number)
		if err != nil {
			return found, 0, err
		}
		signatures := map[string]int{}
		for _, s := range signed {
			signatures[s.Purpose]++
		}
		decided := count[application.Granted] + count[application.Refused]
		if count[application.Taken] > 2 || count[application.Proposed] > 1 || decided > 1 || signatures[string(signdoc.Decision)] > 1 || signatures[string(signdoc.Application)] > 1 {
			found.duplicate++
		}
		if a.Permit != "" && a.Concerns == "" {
			permits++
		}
		_, sent := o.run.confirms.Load(number)
		switch {
		case decided == 0 && a.Decision == nil && !end && (!sent || a.State == application.Registered):
		case decided == 0 || a.Decision == nil:
			found.lost++
		case a.State != outcomeOf(number, application.Issued, application.Returned), len(a.Decision.Steps) != 2, a.Decision.Steps[0].Person == a.Decision.Steps[1].Person, signatures[string(signdoc.Decision)] != 1:
			found.mismatch++
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.confirmed {
		if stored[a]--; stored[a] < 0 {
			found.lost++
		}
	}
	return found, permits, nil
}
