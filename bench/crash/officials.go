package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"elicense/bench/internal/prepare"
	"elicense/bench/internal/site"
	"elicense/internal/application"
	"elicense/internal/port"
)

// office is the officials at work while the server is killed: two of each duty race for every application, do what its
// page offers them, and remember what was confirmed to them.
type office struct {
	run       *run
	base      string
	mu        sync.Mutex
	confirmed []act
	conflicts atomic.Int64
}

// act is what an official was told that is done.
type act struct {
	number, account string
	event           application.Event
}

// acts lists what a page may offer, with what each does, by the value of its button. The step that is to be done comes
// before taking.
func acts() []struct {
	button string
	event  application.Event
} {
	return []struct {
		button string
		event  application.Event
	}{{"propose", application.Proposed}, {"confirm", ""}, {"take", application.Taken}}
}

// work works on every case, and returns when all are decided.
func (o *office) work(ctx context.Context) error {
	s := o.run.site
	half := len(s.Officials) / 2
	examined, confirmed := make(chan string), make(chan string, len(s.Cases))
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	desk := func(from <-chan string, to chan<- string, officials []prepare.Official) {
		client := site.Client(4)
		for number := range from {
			var race sync.WaitGroup
			for _, official := range officials {
				race.Go(func() {
					if err := o.decide(ctx, client, official, number); err != nil {
						failed.CompareAndSwap(nil, &err)
					}
				})
			}
			race.Wait()
			if to != nil {
				to <- number
			}
		}
	}
	var first sync.WaitGroup
	for i := 0; i+1 < half; i += 2 { // two desks of two officials each
		first.Go(func() { desk(examined, confirmed, s.Officials[i:i+2]) })
		group.Go(func() { desk(confirmed, nil, s.Officials[half+i:half+i+2]) })
	}
	for _, number := range s.Cases {
		examined <- number
	}
	close(examined)
	first.Wait()
	close(confirmed)
	group.Wait()
	fmt.Fprintf(os.Stderr, "%d acts of officials confirmed, %d lost a race\n", len(o.confirmed), o.conflicts.Load())
	if p := failed.Load(); p != nil {
		return *p
	}
	return nil
}

// decide does what the page of an application offers to an official, until it offers nothing. What was not confirmed is
// looked up on the page: nothing is done twice.
func (o *office) decide(ctx context.Context, client *http.Client, who prepare.Official, number string) error {
	deadline := time.Now().Add(2 * time.Minute)
	for {
		page, err := o.read(ctx, client, who, number)
		if err == nil {
			offered := false
			for _, a := range acts() {
				if !strings.Contains(page, `value="`+a.button+`"`) {
					continue
				}
				offered = true
				if a.event == "" {
					a.event = outcomeOf(number, application.Granted, application.Refused)
				}
				err = o.press(ctx, client, who, number, page, a.button, a.event)
				break
			}
			if !offered {
				return nil
			}
		}
		if err == nil {
			continue
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not decided in two minutes: %w", number, err)
		}
		time.Sleep(time.Duration(10+rand.IntN(40)) * time.Millisecond)
	}
}

// outcomeOf lets every other application be granted.
func outcomeOf[T any](number string, granted, refused T) T {
	if (number[len(number)-1]-'0')%2 == 0 {
		return granted
	}
	return refused
}

func (o *office) address(number string) string { return o.base + "/kk/applications/" + number }

func (o *office) read(ctx context.Context, client *http.Client, who prepare.Official, number string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.address(number), nil)
	if err != nil {
		return "", err
	}
	status, body, err := o.send(client, who, req)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: status %d", number, status)
	}
	return body, err
}

func (o *office) send(client *http.Client, who prepare.Official, req *http.Request) (int, string, error) {
	req.AddCookie(&http.Cookie{Name: "elicense_office", Value: who.Cookie})
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
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
	form := url.Values{"csrf_token": {who.Token}, "version": {value(page, "version")}, "go": {button}}
	if button == "propose" {
		form.Set("outcome", outcomeOf(number, "granted", "refused"))
		form.Set("paper", value(page, "paper"))
		form.Set("ground", "not_holder")
		form.Set("reason_kk", "Иесі басқа.")
		form.Set("reason_ru", "Владелец другой.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.address(number), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", o.base)
	if o.run.control { // remembers as confirmed what is not confirmed yet
		o.remember(act{number, who.Account, event})
	}
	status, body, err := o.send(client, who, req)
	switch {
	case err != nil:
		return err
	case status == http.StatusConflict:
		o.conflicts.Add(1)
		return nil
	case status != http.StatusSeeOther:
		return fmt.Errorf("%s: %s: status %d\n%.1000s", number, button, status, body)
	}
	if !o.run.control {
		o.remember(act{number, who.Account, event})
	}
	return nil
}

func (o *office) remember(a act) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.confirmed = append(o.confirmed, a)
}

// check looks whether everything that was confirmed is stored, for the official to whom it was confirmed, and nothing was
// done twice: two takings, one proposal and one decision make an application. It gives how many permits were issued.
func (o *office) check(ctx context.Context, v port.View) (found outcome, permits int, err error) {
	stored := map[act]int{}
	for _, number := range o.run.site.Cases {
		list, err := v.Applications().Happenings(ctx, number)
		if err != nil {
			return found, 0, err
		}
		count := map[application.Event]int{}
		for _, h := range list {
			count[h.Event]++
			stored[act{number, h.Actor, h.Event}]++
		}
		if count[application.Taken] > 2 || count[application.Proposed] > 1 || count[application.Granted]+count[application.Refused] > 1 {
			found.duplicate++
		}
		a, err := v.Applications().Application(ctx, number)
		if err != nil {
			return found, 0, err
		}
		if a.Permit != "" {
			permits++
		}
		switch {
		case count[application.Granted]+count[application.Refused] == 0 || a.Decision == nil:
			found.lost++
		case a.State != outcomeOf(number, application.Issued, application.Returned) || len(a.Decision.Steps) != 2 || a.Decision.Steps[0].Person == a.Decision.Steps[1].Person:
			found.mismatch++
		}
	}
	for _, a := range o.confirmed {
		if stored[a]--; stored[a] < 0 {
			found.lost++
		}
	}
	return found, permits, nil
}
