package access

import (
	"testing"

	"elicense/internal/fault"
)

// Every actor, action and thing has one answer; what is not written here as allowed is refused.
func TestCan(t *testing.T) {
	official := func(body string, duties ...Duty) Actor {
		return Actor{Role: Officer, Account: "o", Person: "P", Body: body, Duties: duties}
	}
	deputy := official("cci")
	deputy.Absent = []Absent{{Account: "x", Service: "import", Duties: []Duty{Executor}}}
	actors := map[string]Actor{
		"nobody": {}, "visitor": Nobody(), "system": TheSystem(), "operator": TheOperator(),
		"owner": {Role: Applicant, Party: "p1"}, "other applicant": {Role: Applicant, Party: "p2"}, "applicant without a party": {Role: Applicant},
		"registrar": official("cci", Registrar), "executor": official("cci", Executor), "approver": official("cci", Approver), "head": official("cci", Head),
		"publisher": official("cci", Publisher), "administrator": official("cci", Administrator), "auditor": official("cci", Auditor), "no duties": official("cci"),
		"deputy of an executor": deputy, "all duties elsewhere": official("knb", Duties()...), "not ready": official("", Duties()...),
		"an applicant who claims duties": {Role: Applicant, Body: "cci", Duties: Duties(), Party: "p2"},
	}
	sent, draft := Thing{Owner: "p1", Body: "cci"}, Thing{Owner: "p1", Body: "cci", Draft: true}
	allowed := map[Action]map[string][]string{
		View:   {"sent": {"system", "owner", "registrar", "executor", "approver", "head", "deputy of an executor"}, "draft": {"system", "owner"}, "body": {"system", "registrar", "executor", "approver", "head", "deputy of an executor"}, "none": {"system"}},
		Change: {"sent": {"system", "owner"}, "draft": {"system", "owner"}, "body": {"system"}, "none": {"system"}},
		Allocate: {"sent": {"system", "registrar", "executor", "approver", "head", "deputy of an executor"}, "draft": {"system"},
			"body": {"system", "registrar", "executor", "approver", "head", "deputy of an executor"}, "none": {"system"}},
		Administer: {"sent": {"system", "operator", "administrator"}, "draft": {"system", "operator"}, "body": {"system", "operator", "administrator"}, "none": {"system", "operator"}},
		Publish: {"sent": {"system", "publisher", "all duties elsewhere", "not ready"}, "draft": {"system", "publisher", "all duties elsewhere", "not ready"},
			"body": {"system", "publisher", "all duties elsewhere", "not ready"}, "none": {"system", "publisher", "all duties elsewhere", "not ready"}},
		"burn": {"sent": {"system"}, "draft": {"system"}, "body": {"system"}, "none": {"system"}},
	}
	things := map[string]Thing{"sent": sent, "draft": draft, "body": {Body: "cci"}, "none": {}}
	for action, by := range allowed {
		for thing, who := range by {
			for name, actor := range actors {
				want := false
				for _, w := range who {
					want = want || w == name
				}
				err := Can(actor, action, things[thing])
				if (err == nil) != want {
					t.Errorf("%s, %s, %s: %v", name, action, thing, err)
				}
				if err == nil {
					continue
				}
				kind := fault.KindOf(err)
				switch {
				case name == "nobody" || name == "visitor":
					if kind != fault.Unauthenticated {
						t.Errorf("%s, %s, %s: %v", name, action, thing, err)
					}
				case actor.Role != Officer || actor.Body != "cci":
					if kind != fault.NotFound {
						t.Errorf("%s learns of a thing: %s, %s: %v", name, action, thing, err)
					}
				}
			}
		}
	}
	if err := Can(actors["administrator"], View, sent); !fault.Is(err, "office.no-duty") {
		t.Errorf("one's own body, another duty: %v", err)
	}
}
