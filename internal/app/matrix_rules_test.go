package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"elicense/internal/access"
)

// rule says what a route of the internal portal gives to whom. officeRules has one for every pattern.
type rule struct {
	// open: anyone may ask, logged in or not. own: every official, also with a password that somebody else gave.
	open, own bool
	// secret: anyone may ask, and what waits in another's browser is as what does not exist.
	secret bool
	// sees tells which official who is at work reaches the route with this thing; nil = each.
	sees func(a access.Actor, x thing) bool
	// denied tells which of the others may learn that it takes a duty; to the rest the thing does not exist.
	denied func(a access.Actor, x thing) bool
	// ok are the statuses for those who see; nil = 200, and for what is posted also those of a refusal.
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
	under   string        // the application to which it belongs
	owner   string        // account of the only official whose it is
	form    url.Values    // what forms about it hold besides
}

// Who sees and who may.

func atBody(a access.Actor, x thing) bool { return a.Body == x.body }

func everybody(access.Actor, thing) bool { return true }

// deciders read the applications of their body, as do those who stand in for one of them.
var deciders = []access.Duty{access.Registrar, access.Executor, access.Approver, access.Head}

func reads(a access.Actor, _ thing) bool {
	return a.Holds(deciders...) || slices.ContainsFunc(a.Absent, func(x access.Absent) bool { return x.Covers(x.Service, deciders...) })
}

func readsAt(a access.Actor, x thing) bool { return atBody(a, x) && reads(a, x) }

func whoSpeaks(a access.Actor, _ thing) bool { return a.SpeaksForBody() }

func whoIsAsked(a access.Actor, x thing) bool {
	return slices.Contains(x.asked, a.Body) && a.SpeaksForBody()
}

func whoReads(a access.Actor, x thing) bool { return readsAt(a, x) || whoIsAsked(a, x) }

// isOwner is the official whose it is, while they read applications.
func isOwner(a access.Actor, x thing) bool { return a.Account == x.owner && reads(a, x) }

func not(f func(access.Actor, thing) bool) func(access.Actor, thing) bool {
	return func(a access.Actor, x thing) bool { return !f(a, x) }
}

// here is a thing of one's own body, or one that is to be added to it.
func here(a access.Actor, x thing) bool { return x.body == "" || atBody(a, x) }

func waits(_ access.Actor, x thing) bool { return x.duty != "" }

// keepsPlan: the Committee of Communications allocates numbers here.
func keepsPlan(a access.Actor, _ thing) bool { return a.Body == "cci" && !a.OnlyAudits() }

func holding(duties ...access.Duty) func(access.Actor, thing) bool {
	return func(a access.Actor, _ thing) bool { return a.Holds(duties...) }
}

// whoWorks is who does the step that is to be done, in their own place or in another's.
func whoWorks(a access.Actor, x thing) bool {
	if !atBody(a, x) || x.duty == "" || !another(a, x) {
		return false
	}
	return a.Holds(x.duty) || slices.ContainsFunc(a.Absent, func(in access.Absent) bool {
		return in.Covers(in.Service, x.duty) && !slices.Contains(x.persons, in.Person)
	})
}

func another(a access.Actor, x thing) bool { return !slices.Contains(x.persons, a.Person) }

func nobody(access.Actor, thing) bool { return false }

// both demands both.
func both(f, g func(access.Actor, thing) bool) func(access.Actor, thing) bool {
	return func(a access.Actor, x thing) bool { return f(a, x) && g(a, x) }
}

// duty is the rule of what takes a duty and is about no thing of a body.
func duty(may func(access.Actor, thing) bool, forms ...posted) rule {
	return rule{sees: may, denied: everybody, forms: forms}
}

// ofCase is the rule of what stands under the address of an application.
func ofCase(forms ...posted) rule { return rule{sees: readsAt, denied: atBody, forms: forms} }

// with adds forms.
func (r rule) with(forms ...posted) rule {
	r.forms = append(slices.Clone(r.forms), forms...)
	return r
}

// also adds statuses.
func (r rule) also(ok ...int) rule {
	r.ok = append(slices.Clone(r.ok), ok...)
	return r
}

// officeRules is the policy of the internal portal's routes, beside office.Routes: a new route is a line here, and a word
// in officeKind where its wildcards are new. Nobody may do what is refused here; who sees what is not theirs is found.
func officeRules() map[string]rule {
	all := map[string]rule{}
	for _, part := range []map[string]rule{rulesOfEntry(), rulesOfPeople(), rulesOfQueue(), rulesOfCases(), rulesOfPermits(), rulesOfPlan(), rulesOfKeepers(), rulesOfPapers()} {
		maps.Copy(all, part)
	}
	return all
}

// rulesOfEntry are those of coming in, and of what is everybody's own.
func rulesOfEntry() map[string]rule {
	const led = http.StatusSeeOther
	refused := []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests, led}
	return map[string]rule{
		"GET /{lang}/{$}":       {open: true, ok: []int{led}},
		"GET /{lang}/login":     {open: true, ok: []int{http.StatusOK, led}},
		"POST /{lang}/login":    {open: true, ok: []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusForbidden}, forms: []posted{{url.Values{"login": {"knb.executor"}, "password": {"Guessed-2026"}}, nobody}}},
		"POST /{lang}/logout":   {open: true, ok: []int{led, http.StatusForbidden}, forms: []posted{{nil, nobody}}},
		"GET /{lang}/password":  {own: true},
		"POST /{lang}/password": {own: true, ok: []int{http.StatusUnprocessableEntity}, forms: []posted{{url.Values{"current": {"Guessed-2026"}, "password": {"Another-2026"}}, nobody}}},

		"GET /{lang}/login/certificate":        {open: true, ok: []int{http.StatusOK, led}},
		"POST /{lang}/login/certificate":       {open: true, ok: []int{http.StatusGone, http.StatusNotFound, http.StatusForbidden}, forms: []posted{{nil, nobody}}},
		"GET /{lang}/sign/{nonce}/document":    {secret: true, sees: nobody, ok: []int{http.StatusGone, http.StatusNotFound}},
		"GET /{lang}/sign/{nonce}/phone":       {secret: true, sees: nobody, ok: []int{http.StatusGone, http.StatusNotFound}},
		"GET /{lang}/sign/{nonce}/phone/state": {secret: true, sees: nobody, ok: []int{http.StatusGone, http.StatusNotFound}},

		"GET /{lang}/me": {own: true, ok: []int{http.StatusOK, led}},
		"POST /{lang}/me": {own: true, ok: refused, forms: []posted{ // of others' accounts, deputies and absences
			{url.Values{"go": {"confirm-factor"}, "code": {"000000"}}, nobody}, {url.Values{"go": {"drop-factor"}, "code": {"000000"}}, nobody}, {url.Values{"go": {"switch"}}, nobody},
			{url.Values{"go": {"absence"}, "from": {"01.12.2026"}, "to": {"10.12.2026"}, "reason": {"x"}}, func(a access.Actor, _ thing) bool { return a.Body == "knb" }},
			{url.Values{"go": {"return"}}, nobody}}},
	}
}

// rulesOfPeople are those of the administrator's pages on the people of the body.
func rulesOfPeople() map[string]rule {
	admin := both(holding(access.Administrator), here)
	others := both(admin, another)
	official := func(act string, may func(access.Actor, thing) bool, pairs ...string) posted {
		values := url.Values{"go": {act}, "department": {""}}
		for i := 0; i < len(pairs); i += 2 {
			values[pairs[i]] = []string{pairs[i+1]}
		}
		return posted{values, may}
	}
	page := rule{sees: admin, denied: not(holding(access.Administrator))}
	forms := func(list ...posted) rule {
		return rule{sees: admin, denied: both(here, not(holding(access.Administrator))), forms: list}
	}
	return map[string]rule{
		"GET /{lang}/people":                duty(holding(access.Administrator)),
		"GET /{lang}/people/officials/{id}": page,
		"POST /{lang}/people/officials/{id}": forms(
			official("save", others, "duty", "head", "surname", "Үлгі", "given_name", "Адам", "login", "matrix.added"), official("block", others), official("unblock", others),
			official("reset-password", others), official("reset-factor", others), official("return", admin),
			official("absence", admin, "from", "01.12.2026", "to", "10.12.2026", "reason", "x")),
		"GET /{lang}/people/departments/{key}": page,
		"POST /{lang}/people/departments/{key}": page.with(posted{url.Values{"go": {"save"}, "name_kk": {"Жаңа"}, "name_ru": {"Новый"}, "name_en": {"New"}, "key": {"matrix-new"},
			"territory": {"71"}, "head": {""}}, admin}),
	}
}

// rulesOfQueue are those of the lists of applications, and of what officials keep of them.
func rulesOfQueue() map[string]rule {
	led := rule{own: true, ok: []int{http.StatusSeeOther}}
	own := rule{sees: isOwner, denied: not(reads)}
	return map[string]rule{
		"GET /{lang}/applications":         duty(reads),
		"GET /{lang}/applications/search":  duty(reads),
		"POST /{lang}/applications/search": duty(reads, posted{nil, nobody}).also(http.StatusOK), // of the own body
		"POST /{lang}/applications/views": duty(reads, posted{url.Values{"go": {"keep"}, "name": {"x"}, "query": {"view=all"}, "id": {""}}, reads},
			posted{url.Values{"go": {"rename"}, "name": {"x"}}, nobody}, posted{url.Values{"go": {"drop"}}, reads}).also(http.StatusNotFound),
		"GET /{lang}/applications/views":   led,
		"POST /{lang}/applications/rule":   duty(holding(access.Head), posted{url.Values{"go": {"yes"}}, everybody}),
		"POST /{lang}/applications/chosen": duty(reads, posted{url.Values{"go": {"take"}}, nobody}, posted{url.Values{"go": {"assign"}}, nobody}).also(http.StatusOK), // of the own body
		"GET /{lang}/applications/chosen":  led,
		"POST /{lang}/batches":             duty(reads, posted{url.Values{"go": {"take"}, "idempotency_key": {"matrix"}}, reads}),
		"GET /{lang}/batches":              led,
		"GET /{lang}/batches/{id}":         own,
		"GET /{lang}/exports":              duty(reads),
		"POST /{lang}/exports":             duty(reads, posted{url.Values{"query": {"view=all"}}, reads}),
		"GET /{lang}/exports/{id}":         own,

		"GET /{lang}/reminders":  duty(reads),
		"POST /{lang}/reminders": {sees: func(a access.Actor, _ thing) bool { return a.Body == "cci" && a.Holds(access.Executor) }, forms: []posted{{nil, everybody}}},

		"GET /{lang}/automatic": duty(reads),
		"POST /{lang}/automatic": duty(reads, posted{url.Values{"go": {"stop"}, "of": {"trade-licence"}, "reason": {"x"}}, headOfTrade},
			posted{url.Values{"go": {"resume"}, "of": {"trade-licence"}}, headOfTrade}).also(http.StatusNotFound),

		"GET /{lang}/opinions":          duty(whoSpeaks),
		"GET /{lang}/opinions/{number}": {sees: whoIsAsked},
		"POST /{lang}/opinions/{number}": {sees: whoIsAsked, forms: []posted{
			{url.Values{"verdict": {"agrees"}}, another}, {url.Values{"verdict": {"objects"}, "reason_kk": {"x"}, "reason_ru": {"x"}}, another}}},
	}
}

// headOfTrade: the Ministry of Trade has services here that the system decides, and its head stops and resumes them.
func headOfTrade(a access.Actor, _ thing) bool { return a.Body == "mti" && a.Holds(access.Head) }

// rulesOfCases are those of one application.
func rulesOfCases() map[string]rule {
	const one = "/{lang}/applications/{number}"
	var acts []posted
	for _, act := range []string{"take", "take-on", "give-back", "propose", "confirm", "send-back", "reserve"} {
		acts = append(acts, posted{url.Values{"go": {act}, "outcome": {"granted"}, "note": {"x"}}, whoWorks})
	}
	for _, act := range []string{"examine", "complete", "invite", "record", "reserve-own"} { // of who holds it: nobody does
		acts = append(acts, posted{url.Values{"go": {act}, "outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"x"}, "reason_ru": {"x"}, "hearing_day": {"24.11.2026"}, "hearing_time": {"10:30"},
			"hearing_place": {"x"}, "came": {"yes"}, "protocol": {"x"}, "ranges": {"717-2 500000 500099"}}, nobody})
	}
	acts = append(acts, posted{url.Values{"go": {"assign"}, "reason": {"x"}}, both(waits, holding(access.Head, access.Registrar))},
		posted{url.Values{"go": {"note"}, "case_note": {"x"}}, readsAt}, posted{url.Values{"go": {"template"}, "ground": {"not_holder"}}, readsAt}, posted{url.Values{"go": {"preview"}}, readsAt})
	marked := url.Values{}
	for _, path := range []string{"street_ru", "licence_number", "contract_number"} {
		marked["mark."+path], marked[path+".kk"], marked[path+".ru"] = []string{"yes"}, []string{"x"}, []string{"x"}
	}
	file := rule{sees: whoReads, denied: atBody}
	return map[string]rule{
		"GET " + one:                                   ofCase(),
		"POST " + one:                                  ofCase(acts...),
		"GET " + one + "/term":                         ofCase(),
		"GET " + one + "/documents/{key}/file":         file,
		"GET " + one + "/documents/{key}/pages/{page}": file.also(http.StatusNotFound, http.StatusUnprocessableEntity),
		"GET " + one + "/correction":                   ofCase().also(http.StatusSeeOther), // to the case, of who does not hold it
		"POST " + one + "/correction":                  ofCase(posted{marked, nobody}),
		"GET " + one + "/decision":                     ofCase().also(http.StatusForbidden, http.StatusConflict), // nobody holds it
		"POST " + one + "/decision":                    ofCase(posted{url.Values{"cms": {"MIIB"}}, nobody}).also(http.StatusGone),
		"GET " + one + "/messages":                     ofCase(),
		"POST " + one + "/messages":                    ofCase(posted{url.Values{"text": {"x"}}, waits}),
		"POST " + one + "/messages/file":               ofCase(posted{nil, waits}),
		"GET " + one + "/messages/{id}/files/{file}":   {sees: readsAt, denied: not(reads)},
	}
}

// rulesOfPermits are those of the register of issued permits and of acts with them.
func rulesOfPermits() map[string]rule {
	const one, order = "/{lang}/permits/{number}", "/{lang}/permit-orders/{id}"
	confirms := func(a access.Actor, x thing) bool { return a.Holds(access.Approver, access.Head) && another(a, x) }
	drops := func(a access.Actor, x thing) bool { return confirms(a, x) || !another(a, x) }
	proposes := holding(access.Executor)
	act := url.Values{"from": {"22.11.2026"}, "ground": {"violation"}, "reason_kk": {"x"}, "reason_ru": {"x"}}
	return map[string]rule{
		"GET /{lang}/permits":                                      duty(reads),
		"POST /{lang}/permits":                                     duty(reads, posted{nil, nobody}).also(http.StatusOK), // of the own body
		"GET " + one:                                               ofCase(),
		"GET " + one + "/document/{doclang}":                       ofCase(),
		"GET " + one + "/acts/{seq}/document/{doclang}":            ofCase().also(http.StatusNotFound),                 // no act is made
		"GET " + one + "/appendices/{appendix}/document/{doclang}": ofCase().also(http.StatusNotFound),                 // there is none
		"GET " + one + "/propose/{kind}":                           ofCase().also(http.StatusOK, http.StatusForbidden), // who examines
		"POST " + one + "/propose/{kind}":                          ofCase(posted{act, proposes}),
		"GET " + order:                                             ofCase(),
		"POST " + order:                                            ofCase(posted{url.Values{"go": {"confirm"}}, confirms}, posted{url.Values{"go": {"drop"}}, drops}),
		"GET " + order + "/signature":                              ofCase().also(http.StatusForbidden, http.StatusConflict),
		"POST " + order + "/signature":                             ofCase(posted{url.Values{"cms": {"MIIB"}}, nobody}).also(http.StatusGone, http.StatusUnprocessableEntity),
	}
}

// rulesOfPlan are those of the numbering plan.
func rulesOfPlan() map[string]rule {
	const plan = "/{lang}/numbering"
	// A deputy for all services stands in here too; four eyes count both persons.
	does := func(a access.Actor, x thing, duties ...access.Duty) bool {
		return a.Holds(duties...) && another(a, x) || !a.Holds(duties...) && slices.ContainsFunc(a.Absent, func(in access.Absent) bool {
			return in.Service == "" && in.Covers("", duties...) && another(a, x) && !slices.Contains(x.persons, in.Person)
		})
	}
	confirms := func(a access.Actor, x thing) bool { return does(a, x, x.confirm...) && keepsPlan(a, x) }
	proposes := func(a access.Actor, _ thing) bool { return does(a, thing{}, access.Executor) }
	return map[string]rule{
		"GET " + plan:                     {sees: keepsPlan},
		"GET " + plan + "/{key}":          {sees: keepsPlan},
		"GET " + plan + "/{key}/{first}":  {sees: keepsPlan},
		"POST " + plan + "/{key}/{first}": {sees: keepsPlan, forms: []posted{{withdrawal(url.Values{"first": {"500200"}, "last": {"500299"}}), proposes}}},
		"GET " + plan + "/orders/{id}":    {sees: keepsPlan},
		"POST " + plan + "/orders/{id}": {sees: keepsPlan, forms: []posted{{url.Values{"go": {"confirm"}}, confirms},
			{url.Values{"go": {"drop"}}, func(a access.Actor, x thing) bool { return confirms(a, x) || !another(a, x) }}}},
	}
}

// rulesOfKeepers are those of publishers, of administrators where they keep what is all bodies', and of auditors.
func rulesOfKeepers() map[string]rule {
	publisher, admin, auditor := holding(access.Publisher), holding(access.Administrator), holding(access.Auditor)
	approve, reject := url.Values{"go": {"approve"}}, url.Values{"go": {"reject"}, "reason": {"x"}}
	return map[string]rule{
		"GET /{lang}/proposals":                      duty(publisher),
		"GET /{lang}/proposals/{id}":                 duty(publisher),
		"GET /{lang}/proposals/{id}/files/{name...}": duty(publisher),
		"POST /{lang}/proposals/{id}":                duty(publisher, posted{approve, another}, posted{reject, everybody}),

		"GET /{lang}/directories":            duty(admin),
		"GET /{lang}/directories/{name...}":  duty(admin),
		"POST /{lang}/directories/{name...}": duty(admin, posted{url.Values{"value": {"5000"}, "from": {"01.01.2027"}, "act_kk": {"Заң"}, "act_ru": {"Закон"}}, everybody}),
		"GET /{lang}/amendments/{id}":        duty(admin),
		"POST /{lang}/amendments/{id}":       duty(admin, posted{approve, another}, posted{reject, everybody}),

		"GET /{lang}/templates":       duty(admin),
		"GET /{lang}/templates/new":   duty(admin),
		"POST /{lang}/templates/new":  duty(admin, posted{url.Values{"go": {"propose"}, "of": {"refusal"}, "name": {"x"}, "text_kk": {"x"}, "text_ru": {"x"}, "from": {"01.12.2026"}}, everybody}),
		"GET /{lang}/templates/{id}":  {sees: both(admin, atBody), denied: not(admin)},
		"POST /{lang}/templates/{id}": {sees: both(admin, atBody), denied: not(admin), forms: []posted{{approve, another}, {reject, everybody}}},

		"GET /{lang}/calendar": duty(admin),
		"POST /{lang}/calendar": duty(admin, posted{url.Values{"go": {"preview"}, "off": {"29.12.2026"}, "reason": {"x"}}, everybody},
			posted{url.Values{"go": {"change"}, "off": {"29.12.2026"}, "reason": {"x"}}, everybody}),

		"GET /{lang}/audit":      duty(auditor).also(http.StatusOK, http.StatusNotFound), // an application that the body does not have
		"GET /{lang}/audit/{id}": {sees: both(auditor, atBody), denied: not(auditor)},
	}
}

// rulesOfPapers are those of former registers that are brought in.
func rulesOfPapers() map[string]rule {
	reader, releaser := holding(access.Executor, access.Approver, access.Head), holding(access.Approver, access.Head)
	release, drop := url.Values{"go": {"release"}}, url.Values{"go": {"drop"}}
	batch := rule{sees: both(reader, atBody), denied: not(reader)}
	return map[string]rule{
		"GET /{lang}/papers":             duty(reader),
		"POST /{lang}/papers":            duty(reader, posted{nil, holding(access.Executor)}),
		"GET /{lang}/papers/sample":      duty(reader),
		"GET /{lang}/papers/{id}":        batch,
		"GET /{lang}/papers/{id}/report": batch,
		"POST /{lang}/papers/{id}":       batch.with(posted{release, both(releaser, another)}, posted{drop, reader}),
	}
}
