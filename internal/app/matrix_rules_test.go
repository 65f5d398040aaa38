package app_test

import (
	"net/http"
	"net/url"
	"slices"

	"elicense/internal/access"
)

// rule says what a route of the internal portal gives to whom. officeRules has one for every pattern.
type rule struct {
	// open: anyone may ask, logged in or not. own: every official, also with a password that somebody else gave.
	open, own bool
	// sees tells which official who is at work reaches the route with this thing; nil = each.
	sees func(a access.Actor, x thing) bool
	// refused is how it answers the others; 0 = as for a thing that does not exist.
	refused int
	// ok are the statuses for those who see; nil = 200.
	ok []int
	// forms are what is posted, with who may do it: those are not asked, as it would be done.
	forms []posted
}

// posted is a form with everything right in it, so that only the right of the person can refuse it.
type posted struct {
	values url.Values
	may    func(a access.Actor, x thing) bool
}

// thing is what an identifier of the matrix stands for.
type thing struct {
	kind    string
	body    string
	asked   []string      // other bodies that are asked for an opinion
	duty    access.Duty   // whose step is to be done; empty = nothing is
	persons []string      // who did something about it: four eyes
	file    string        // key of an attached document
	version string        // as it is now
	confirm []access.Duty // of an order: who may confirm it
}

// Who sees and who may.

func atBody(a access.Actor, x thing) bool { return a.Body == x.body }

func whoSpeaks(a access.Actor, _ thing) bool { return a.SpeaksForBody() }

func whoIsAsked(a access.Actor, x thing) bool {
	return slices.Contains(x.asked, a.Body) && a.SpeaksForBody()
}

func whoReads(a access.Actor, x thing) bool { return atBody(a, x) || whoIsAsked(a, x) }

// keepsPlan: the Committee of Communications allocates numbers here.
func keepsPlan(a access.Actor, _ thing) bool { return a.Body == "cci" }

func holding(duties ...access.Duty) func(access.Actor, thing) bool {
	return func(a access.Actor, _ thing) bool { return a.Holds(duties...) }
}

// whoWorks is who does the step that is to be done.
func whoWorks(a access.Actor, x thing) bool {
	return atBody(a, x) && x.duty != "" && a.Holds(x.duty) && another(a, x)
}

func another(a access.Actor, x thing) bool { return !slices.Contains(x.persons, a.Person) }

func nobody(access.Actor, thing) bool { return false }

// both demands both.
func both(f, g func(access.Actor, thing) bool) func(access.Actor, thing) bool {
	return func(a access.Actor, x thing) bool { return f(a, x) && g(a, x) }
}

// administers is the rule of what administrators keep.
func administers(forms ...posted) rule {
	return rule{sees: holding(access.Administrator), refused: http.StatusForbidden, forms: forms}
}

// officeRules is the policy of the internal portal's routes, beside office.Routes: a new route is a line here, and a word
// in officeKind where its wildcards are new. Nobody may do what is refused here; who sees what is not theirs is found.
func officeRules() map[string]rule {
	const one, plan = "/{lang}/applications/{number}", "/{lang}/numbering"
	acts := func() (list []posted) {
		for _, act := range []string{"take", "give-back", "propose", "confirm", "send-back", "reserve"} {
			list = append(list, posted{url.Values{"go": {act}, "outcome": {"granted"}, "note": {"x"}}, whoWorks})
		}
		return list
	}
	confirms := func(a access.Actor, x thing) bool { return a.Holds(x.confirm...) && another(a, x) && keepsPlan(a, x) }
	return map[string]rule{
		"GET /{lang}/{$}":       {open: true, ok: []int{http.StatusSeeOther}},
		"GET /{lang}/login":     {open: true, ok: []int{http.StatusOK, http.StatusSeeOther}},
		"POST /{lang}/login":    {open: true, ok: []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusForbidden}, forms: []posted{{url.Values{"login": {"knb.executor"}, "password": {"Guessed-2026"}}, nobody}}},
		"POST /{lang}/logout":   {open: true, ok: []int{http.StatusSeeOther, http.StatusForbidden}, forms: []posted{{nil, nobody}}},
		"GET /{lang}/password":  {own: true},
		"POST /{lang}/password": {own: true, ok: []int{http.StatusUnprocessableEntity}, forms: []posted{{url.Values{"current": {"Guessed-2026"}, "password": {"Another-2026"}}, nobody}}},

		"GET /{lang}/applications":             {},
		"GET " + one:                           {sees: atBody},
		"GET " + one + "/documents/{key}/file": {sees: whoReads},
		"POST " + one:                          {sees: atBody, forms: acts()},

		"GET /{lang}/proposals":                      {sees: holding(access.Publisher), refused: http.StatusForbidden},
		"GET /{lang}/proposals/{id}":                 {sees: holding(access.Publisher), refused: http.StatusForbidden},
		"GET /{lang}/proposals/{id}/files/{name...}": {sees: holding(access.Publisher), refused: http.StatusForbidden},
		"POST /{lang}/proposals/{id}": {sees: holding(access.Publisher), refused: http.StatusForbidden, forms: []posted{
			{url.Values{"go": {"approve"}}, both(holding(access.Publisher), another)}, {url.Values{"go": {"reject"}, "reason": {"x"}}, holding(access.Publisher)}}},

		"GET " + plan:                     {sees: keepsPlan},
		"GET " + plan + "/{key}":          {sees: keepsPlan},
		"GET " + plan + "/{key}/{first}":  {sees: keepsPlan},
		"POST " + plan + "/{key}/{first}": {sees: keepsPlan, forms: []posted{{withdrawal(url.Values{"first": {"500200"}, "last": {"500299"}}), holding(access.Executor)}}},
		"GET " + plan + "/orders/{id}":    {sees: keepsPlan},
		"POST " + plan + "/orders/{id}": {sees: keepsPlan, forms: []posted{{url.Values{"go": {"confirm"}}, confirms},
			{url.Values{"go": {"drop"}}, func(a access.Actor, x thing) bool { return confirms(a, x) || !another(a, x) }}}},

		"GET /{lang}/directories":            administers(),
		"GET /{lang}/directories/{name...}":  administers(),
		"POST /{lang}/directories/{name...}": administers(posted{url.Values{"value": {"5000"}, "from": {"01.01.2027"}, "act_kk": {"Заң"}, "act_ru": {"Закон"}}, holding(access.Administrator)}),
		"GET /{lang}/amendments/{id}":        administers(),
		"POST /{lang}/amendments/{id}": administers(posted{url.Values{"go": {"approve"}}, both(holding(access.Administrator), another)},
			posted{url.Values{"go": {"reject"}, "reason": {"x"}}, holding(access.Administrator)}),

		"GET /{lang}/opinions":          {sees: whoSpeaks, refused: http.StatusForbidden},
		"GET /{lang}/opinions/{number}": {sees: whoIsAsked},
		"POST /{lang}/opinions/{number}": {sees: whoIsAsked, forms: []posted{
			{url.Values{"verdict": {"agrees"}}, another}, {url.Values{"verdict": {"objects"}, "reason_kk": {"x"}, "reason_ru": {"x"}}, another}}},
	}
}
