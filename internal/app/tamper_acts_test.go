package app_test

import (
	"net/url"
	"testing"

	"elicense/internal/demo"
	"elicense/internal/lang"
	"elicense/internal/testkit/site"
)

// newLives is a scene with a permit that was corrected, suspended and resumed, an order that was dropped, the documents of all that, an
// opinion of another body, and a former register that was let in.
func newLives(t *testing.T) scene {
	t.Helper()
	s := openSite(t, site.Options{})
	asks(t, s)
	x := toLive(t, s, map[string]string{"contract_number": "A-1"})
	x.made(t, "correction", url.Values{"ground": {"mistake"}, "value.contract_number": {"A-11"}})
	x.made(t, "suspension", url.Values{"ground": {"violation"}})
	x.made(t, "resumption", url.Values{"ground": {"remedied"}})
	done(t, x.approver.Post(x.propose("revocation", url.Values{"ground": {"court"}}).Location(), url.Values{"go": {"drop"}}))
	for _, l := range lang.All() {
		_, err := s.App.Register.Render(t.Context(), x.sent.Permit, l)
		must(t, err)
		_, err = s.App.Register.RenderAct(t.Context(), x.sent.Permit, 2, l)
		must(t, err)
	}
	s.Papers(x.owner.Account.Party.Number)
	restored := sent(t, x.owner, nil)
	done(t, answers(s.LogInOfficial("mti.publisher", demo.Password), restored, "objects", "Қарсымыз", "Против"))
	c := scene{folder: t.TempDir(), permit: x.sent.Permit, issued: restored}
	c.keep(t, s)
	return c
}

// mended makes the cached standing that of another, with what lists look for.
const mended = "UPDATE permit SET acts = 0, standing = '', ended = '', suspended_from = '', suspended_to = '', last_day = valid_to WHERE number = $permit"

func livesTampered() []tampering {
	do := func(promise, place, name string, statements ...string) tampering {
		return tampering{name: name, promise: promise, place: place, statements: statements}
	}
	const of = "WHERE permit = $permit AND "
	return []tampering{
		do("I6", "$permit", "act lost", "DELETE FROM permit_act "+of+"seq = 3"),
		do("I4", "$permit", "acts lost, standing mended", "DELETE FROM permit_act WHERE permit = $permit", mended),
		do("I4", "$permit", "acts and orders lost, standing mended", "DELETE FROM permit_act WHERE permit = $permit", "DELETE FROM permit_order WHERE permit = $permit", mended),
		do("I4", "$permit", "ground of an act changed", "UPDATE permit_act SET ground = replace(ground, 'Себебі', 'Басқа') "+of+"seq = 2"),
		do("I4", "$permit", "ground changed in act and order", "UPDATE permit_act SET ground = replace(ground, 'violation', 'court') "+of+"seq = 2", "UPDATE permit_order SET ground = replace(ground, 'violation', 'court') "+of+"kind = 'suspension'"),
		do("I4", "$permit", "day of an act changed", "UPDATE permit_act SET from_day = '2026-11-22' "+of+"seq = 3"),
		do("I4", "$permit", "kind of an act changed", "UPDATE permit_act SET kind = 'termination' "+of+"seq = 2"),
		do("I4", "$permit", "value of a correction changed", "UPDATE permit_act SET said = replace(said, 'A-11', 'A-12') "+of+"seq = 1"),
		do("I4", "$permit", "author of an act changed", "UPDATE permit_act SET made_by = 'another' "+of+"seq = 2"),
		do("I4", "$permit", "moment of an act changed", "UPDATE permit_act SET at = at + 1 "+of+"seq = 2"),
		do("I4", "$permit", "act made up", "INSERT INTO permit_act SELECT permit, 4, 'termination', from_day, '', '', ground, '', '', '', 0, '{}', made_by, at FROM permit_act "+of+"seq = 3"),
		do("I4", "$permit", "acts swapped", "UPDATE permit_act SET seq = seq + 10 "+of+"seq IN (2, 3)", "UPDATE permit_act SET seq = 15 - seq "+of+"seq > 10"),
		do("I6", "$permit", "standing changed", "UPDATE permit SET standing = replace(standing, 'A-11', 'A-12') WHERE number = $permit"),
		do("I6", "$permit", "standing lost", "UPDATE permit SET standing = '' WHERE number = $permit"),
		do("I6", "$permit", "listed as ended", "UPDATE permit SET ended = 'revoked' WHERE number = $permit"),
		do("I6", "$permit", "listed as suspended", "UPDATE permit SET suspended_from = '2026-11-23' WHERE number = $permit"),
		do("I6", "$permit", "listed with another last day", "UPDATE permit SET last_day = '2036-12-31' WHERE number = $permit"),
		do("I6", "$permit", "order lost", "DELETE FROM permit_order "+of+"kind = 'suspension'"),
		do("I6", "$permit", "order proposed by who confirmed it", "UPDATE permit_order SET proposed_person = closed_person "+of+"kind = 'suspension'"),
		do("I4", "$permit", "order proposed by another", "UPDATE permit_order SET proposed_by = closed_by "+of+"kind = 'suspension'"),
		do("I6", "$permit", "order confirmed by another", "UPDATE permit_order SET closed_by = proposed_by "+of+"kind = 'suspension'"),
		do("I6", "$permit", "order says another thing", "UPDATE permit_order SET said = '{\"contract_number\":\"A-13\"}' "+of+"kind = 'correction'"),
		do("I6", "$permit", "dropped order confirmed", "UPDATE permit_order SET state = 'confirmed' "+of+"kind = 'revocation'"),
		do("I6", "$permit", "confirmed order opened", "UPDATE permit_order SET state = 'dropped' "+of+"kind = 'suspension'"),
		do("I7", "$permit", "document of an edition exchanged", "UPDATE permit_file SET digest = (SELECT digest FROM permit_file "+of+"edition = 2 AND lang = 'ru') "+of+"edition = 2 AND lang = 'kk'"),
		do("I7", "$permit", "document of an act exchanged", "UPDATE permit_file SET digest = (SELECT digest FROM permit_file "+of+"edition = 2 AND lang = 'kk') "+of+"act = 2 AND lang = 'kk'"),
		do("I7", "$permit", "document made of another act", "UPDATE permit_file SET act = 3 "+of+"act = 2 AND lang = 'kk'"),
		do("I6", "$permit", "document of an edition that is not", "UPDATE permit_file SET edition = 9 "+of+"edition = 2 AND lang = 'kk'"),
		do("I7", "$issued", "opinion turned round", `UPDATE application SET report = replace(report, '"verdict":"objects"', '"verdict":"agrees"') WHERE number = $issued`),
		do("I7", "$issued", "reason of an opinion changed", "UPDATE application SET report = replace(report, 'Қарсымыз', 'Қарсы емеспіз') WHERE number = $issued"),
		do("I7", "$issued", "opinion lost", `UPDATE application SET report = json_remove(report, '$.opinions[1].answer') WHERE number = $issued`),
		do("I6", "papers/", "old paper changed", "UPDATE paper_permit SET holder_number = '000740000728' WHERE number_key = '1111'"),
		do("I6", "papers/", "old paper lost", "DELETE FROM paper_permit WHERE number_key = '1111'"),
		do("I6", "papers/", "old paper made up", "INSERT INTO paper_permit SELECT 'made-up', body, kind_kk, kind_ru, category, series, series_key, '77', '77', issued_on, holder_name, holder_number, state, batch, imported_at, '', '', since, until, valid_to FROM paper_permit WHERE number_key = '1111'"),
		do("I7", "papers/", "old row changed in quarantine and register", "UPDATE paper_permit SET state = 'ended' WHERE number_key = '1111'", `UPDATE paper_line SET paper = replace(paper, 'acting', 'ended') WHERE number_key = '1111'`),
		do("I7", "papers/", "old row lost in quarantine and register", "DELETE FROM paper_permit WHERE number_key = '1111'", "DELETE FROM paper_line WHERE number_key = '1111'"),
	}
}

// What happened to permits after their issue, what other bodies said, and a former register are held against the log of the audit.
func TestTamperingWithLivesIsNamed(t *testing.T) {
	base := newLives(t)
	if report := base.copied(t).check(t); len(report.Broken) != 0 || report.Permits != 1 {
		t.Fatalf("before anything was done: %+v", report)
	}
	base.named(t, livesTampered())
}
