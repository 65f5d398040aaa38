package integrity

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/permit"
)

// told is what the log of the audit tells of things that stand elsewhere: nobody changes it unseen, so that whoever changes a
// thing behind the program's back makes the two differ.
type told struct {
	settled   map[string]settlement // by object: what an invoice was paid by
	acts      map[string]deed       // by permit and digest
	proposals map[string]deed       // by order
	documents map[document]string   // digest of its bytes
	opinions  map[string]string     // by application and body: verdict and digest of the answer
	batches   map[string]string     // by object: sum of the rows as they came; "" = the log is older than the sum
	led       map[string]bool       // by application: the log tells which acts it led to; an older one does not
}

// settlement is what the audit row of a payment tells.
type settlement struct{ notice, paid, receipt string }

// deed is who did something with a permit, and when.
type deed struct {
	permit, actor string
	at            time.Time
	details       map[string]string
}

// document names a rendered document.
type document struct{ permit, lang, edition, act, appendix string }

func tellNothing() told {
	return told{map[string]settlement{}, map[string]deed{}, map[string]deed{}, map[document]string{}, map[string]string{}, map[string]string{}, map[string]bool{}}
}

// hear takes in a row.
func (t told) hear(e audit.Entry) {
	d := e.Details
	number, _ := strings.CutPrefix(e.Object, "permit/")
	done := deed{number, e.Actor, e.At, d}
	switch e.Action {
	case "permit.act":
		t.acts[number+" "+d["digest"]] = done
	case "permit.act-proposed":
		t.proposals[d["order"]] = done
	case "permit.rendered":
		edition := d["edition"]
		if edition == "" && d["act"] == "" {
			edition = "1"
		}
		t.documents[document{number, d["lang"], edition, d["act"], d["appendix"]}] = d["digest"]
	case "application." + string(application.Granted):
		t.led[strings.TrimPrefix(e.Object, "application/")] = d["acts"] != ""
		for act := range strings.SplitSeq(d["acts"], "\n") {
			if number, _, of := strings.Cut(act, " "); of {
				t.acts[act] = deed{number, e.Actor, e.At, d}
			}
		}
	case "application." + string(application.OpinionGiven):
		t.opinions[e.Object+" "+d["body"]] = strings.TrimRight(d["verdict"]+" "+d["digest"], " ")
	case "paper.received":
		t.batches[e.Object] = d["sum"]
	case "invoice." + string(charge.Paid):
		t.settled[e.Object] = settlement{d["notice"], d["paid"], d["receipt"]}
	}
}

// unmade checks that every act that the audit tells of is stored: those that were met are no longer among them (I4).
func (c *checker) unmade() error {
	for _, key := range slices.Sorted(maps.Keys(c.told.acts)) {
		c.broken("I4", c.told.acts[key].permit, "an act of %s that the audit tells of is not stored", c.told.acts[key].at.Format(time.RFC3339))
	}
	return nil
}

// document checks that a document is the one that was made and sealed, of something that is known (I6, I7).
func (c *checker) document(p permit.Permit, f permit.File) {
	if f.Edition > p.Standing.Edition || f.Act > p.Standing.Acts {
		c.broken("I6", p.Number, "a document of edition %d, act %d, of which nothing is known", f.Edition, f.Act)
	}
	of := document{p.Number, f.Lang, strconv.Itoa(f.Edition), "", f.Appendix}
	if f.Act > 0 {
		of.edition, of.act = "", strconv.Itoa(f.Act)
	}
	if c.told.documents[of] != f.Digest {
		c.broken("I7", p.Number, "its document of edition %d, act %d, appendix %q in %s is not the one that was made", f.Edition, f.Act, f.Appendix, f.Lang)
	}
}

// opinions checks that the bodies that were asked answered what is stored (I7).
func (c *checker) opinions(a application.Application) {
	for _, o := range a.Work.Report.Opinions {
		said, told := c.told.opinions["application/"+a.Number+" "+o.Body]
		switch {
		case !told && o.Answer != nil, told && o.Answer == nil:
			c.broken("I7", a.Number, "whether %s has given its opinion is not what the audit tells", o.Body)
		case told && said != string(o.Answer.Verdict)+" "+o.Answer.Digest() && said != string(o.Answer.Verdict): // an older log tells no digest
			c.broken("I7", a.Number, "the opinion of %s is not what it gave", o.Body)
		}
	}
}
