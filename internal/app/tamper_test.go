package app_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/blob"
	"elicense/internal/integrity"
	"elicense/internal/sqlstore"
	"elicense/internal/testkit/site"
)

// scene is what the tampering tests begin with: applications in every state, a quota used, a number with a tombstone.
type scene struct {
	folder                                      string // of the database and the files
	issued, quota, returned, draft, permit, gap string
	digest                                      string // of the attached file
}

func newScene(t *testing.T) scene {
	t.Helper()
	s := openSite(t, site.Options{Stamped: true})
	a, b := s.Organisation(1), s.Organisation(2)
	send := func(x *site.Applicant, otherwise map[string]string) application.Application {
		got, err := x.Send(x.Complete(otherwise))
		must(t, err)
		return got
	}
	first := send(a, nil)
	second := send(b, map[string]string{"goods_code": "290372", "quantity": "3"})
	third := send(a, map[string]string{"goods_code": "010121"})
	c := scene{folder: t.TempDir(), issued: first.Number, permit: first.Permit, quota: second.Number, returned: third.Number, gap: a.Draft(), digest: a.Document.Digest}
	must(t, s.App.Filing.Delete(t.Context(), a.Actor, c.gap))
	c.draft = a.Draft()
	c.keep(t, s)
	return c
}

// keep copies what a site has stored into the folder of the scene.
func (c scene) keep(t *testing.T, s *site.Site) {
	t.Helper()
	s.Clean()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Config.Data, "elicense.db")+"?_pragma=busy_timeout(5000)")
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "VACUUM INTO ?", filepath.Join(c.folder, "elicense.db"))
	must(t, err)
	must(t, os.CopyFS(filepath.Join(c.folder, "files"), os.DirFS(filepath.Join(s.Config.Data, "files"))))
}

// copied gives the scene in a folder of its own.
func (c scene) copied(t *testing.T) scene {
	t.Helper()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(c.folder)))
	c.folder = folder
	return c
}

// attached is the path of the attached file.
func (c scene) attached(t *testing.T) string {
	t.Helper()
	found := ""
	must(t, filepath.Walk(filepath.Join(c.folder, "files"), func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() && strings.Contains(strings.ReplaceAll(path, string(filepath.Separator), ""), c.digest[4:]) {
			found = path
		}
		return err
	}))
	if found == "" {
		t.Fatal("the attached file was not found")
	}
	return found
}

// check is what fsck does.
func (c scene) check(t *testing.T) integrity.Report {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(c.folder, "elicense.db"), sqlstore.Options{})
	must(t, err)
	defer func() { must(t, store.Close()) }()
	blobs, err := blob.Open(filepath.Join(c.folder, "files"))
	must(t, err)
	report, err := integrity.Check(t.Context(), store, blobs, audit.PublicKeys{})
	must(t, err)
	return report
}

// exec does what somebody with the password of the database could do.
func (c scene) exec(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.folder, "elicense.db"))
	must(t, err)
	defer db.Close()
	conn, err := db.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), "PRAGMA foreign_keys=OFF")
	must(t, err)
	for _, text := range statements {
		text = strings.NewReplacer("$issued", "'"+c.issued+"'", "$quota", "'"+c.quota+"'", "$returned", "'"+c.returned+"'", "$draft", "'"+c.draft+"'",
			"$permit", "'"+c.permit+"'", "$gap", "'"+c.gap+"'").Replace(text)
		result, err := conn.ExecContext(t.Context(), text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if n, _ := result.RowsAffected(); n == 0 && !strings.HasPrefix(text, "DROP") {
			t.Fatalf("%s: nothing was changed", text)
		}
	}
}

// tampering is one thing done behind the program's back, and the promise that it breaks.
type tampering struct {
	name       string
	promise    string
	place      string // what the breach names; "" = anything
	statements []string
	file       func(t *testing.T, path string)
}

func tamperings() []tampering {
	return []tampering{
		{name: "signature lost", promise: "I1", statements: []string{"DELETE FROM signature WHERE application = $issued"}},
		{name: "attached file lost", promise: "I1", file: func(t *testing.T, path string) { must(t, os.Remove(path)) }},
		{name: "wrong check digits", promise: "I2", statements: []string{"UPDATE application SET number = 'KZ00RTL00000077' WHERE number = $draft"}},
		{name: "number never leased", promise: "I2", statements: []string{"UPDATE number_lease SET last_number = first_number WHERE code = 'RTL'"}},
		{name: "deleted without a tombstone", promise: "I2", statements: []string{"DELETE FROM tombstone WHERE number = $gap"}},
		{name: "two drafts", promise: "I3", statements: []string{"DROP INDEX application_open",
			"INSERT INTO application (number, service, revision, operation, subtype, body, party, account, state, version, answers, sources, created_at, changed_at, sent_at, registered_at, decided_at, journal, decision, permit, step, holder, due, report) SELECT 'KZ43RTL00000020', service, revision, operation, subtype, body, party, account, state, version, answers, sources, created_at, changed_at, sent_at, registered_at, decided_at, journal, decision, permit, step, holder, due, report FROM application WHERE number = $draft"}},
		{name: "state changed without an event", promise: "I4", statements: []string{"UPDATE application SET state = 'in_progress', decision = 'null', permit = '' WHERE number = $returned"}},
		{name: "event lost", promise: "I4", statements: []string{"DELETE FROM application_event WHERE application = $issued AND event = 'sent'"}},
		{name: "event made up", promise: "I4", statements: []string{"UPDATE application_event SET event = 'refused' WHERE application = $issued AND event = 'granted'"}},
		{name: "audit row lost", promise: "I4", statements: []string{"DROP TRIGGER audit_delete", "DELETE FROM audit WHERE CAST(canonical AS TEXT) LIKE '%application.granted%' AND CAST(canonical AS TEXT) LIKE '%' || $issued || '%'"}},
		{name: "paid without a time", promise: "I5", statements: []string{"UPDATE invoice SET paid_at = 0 WHERE application = $issued"}},
		{name: "time without payment", promise: "I5", statements: []string{"UPDATE invoice SET state = 'due' WHERE application = $issued"}},
		{name: "paid without a notice", promise: "I5", statements: []string{"DELETE FROM payment_notice WHERE invoice = (SELECT id FROM invoice WHERE application = $issued)"}},
		{name: "paid by hand", promise: "I5", statements: []string{"DROP TRIGGER audit_delete", "DELETE FROM audit WHERE CAST(canonical AS TEXT) LIKE '%invoice.paid%' AND CAST(canonical AS TEXT) LIKE '%' || $issued || '%'"}},
		{name: "another sum", promise: "I5", statements: []string{"UPDATE invoice SET amount = amount + 1 WHERE application = $issued"}},
		{name: "another receipt", promise: "I5", statements: []string{"UPDATE invoice SET receipt = 'other' WHERE application = $issued"}},
		{name: "decision lost", promise: "I6", statements: []string{"UPDATE application SET decision = 'null' WHERE number = $returned"}},
		{name: "permit lost", promise: "I6", statements: []string{"DELETE FROM permit WHERE number = $permit"}},
		{name: "permit of another application", promise: "I6", statements: []string{"UPDATE permit SET application = $returned WHERE number = $permit"}},
		{name: "quota oversold", promise: "I6", statements: []string{"UPDATE quota SET granted = total + 1 WHERE id LIKE '%290372%2026'"}},
		{name: "grant lost", promise: "I6", statements: []string{"DELETE FROM quota_entry WHERE application = $quota"}},
		{name: "grant of a refused one", promise: "I6", statements: []string{"UPDATE quota_entry SET application = $returned WHERE application = $quota"}},
		{name: "answers changed", promise: "I7", statements: []string{"UPDATE application SET answers = replace(answers, 'KZ-26/118', 'KZ-26/119') WHERE number = $issued"}},
		{name: "stored signed answers changed", promise: "I7", statements: []string{"UPDATE signature SET answers = CAST(replace(CAST(answers AS TEXT), 'KZ-26/118', 'KZ-26/119') AS BLOB) WHERE application = $issued"}},
		{name: "signed document changed", promise: "I7", statements: []string{"UPDATE signature SET content = CAST(replace(CAST(content AS TEXT), '\"purpose\":\"application\"', '\"purpose\":\"withdrawal\"') AS BLOB) WHERE application = $issued"}},
		{name: "signature of another", promise: "I7", statements: []string{"UPDATE signature SET cms = (SELECT cms FROM signature WHERE application = $quota) WHERE application = $issued"}},
		{name: "time stamp of another", promise: "I7", statements: []string{"UPDATE signature_evidence SET der = (SELECT e.der FROM signature_evidence e JOIN signature s ON s.id = e.signature WHERE s.application = $quota) WHERE signature = (SELECT id FROM signature WHERE application = $issued)"}},
		{name: "time stamp damaged", promise: "I7", statements: []string{"UPDATE signature_evidence SET der = x'3000' WHERE signature = (SELECT id FROM signature WHERE application = $issued)"}},
		{name: "time stamp put forward", promise: "I7", statements: []string{"UPDATE signature_evidence SET at = at + 1000000 WHERE signature = (SELECT id FROM signature WHERE application = $issued)"}},
		{name: "attachment exchanged", promise: "I7", statements: []string{"UPDATE attachment SET digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' WHERE application = $issued"}},
		{name: "attachment taken off", promise: "I7", statements: []string{"DELETE FROM attachment WHERE application = $issued"}},
		{name: "permit's boxes changed", promise: "I7", statements: []string{"UPDATE permit SET fields = replace(fields, 'KZ-26/118', 'KZ-26/119') WHERE number = $permit"}},
		{name: "file damaged", promise: "I7", file: func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			must(t, err)
			content[20] ^= 1
			must(t, os.Chmod(path, 0o600))
			must(t, os.WriteFile(path, content, 0o600))
		}},
		{name: "audit row changed", promise: "I8", statements: []string{"DROP TRIGGER audit_update", "UPDATE audit SET canonical = CAST(replace(CAST(canonical AS TEXT), 'created', 'creatid') AS BLOB) WHERE CAST(canonical AS TEXT) LIKE '%application.created%'"}},
	}
}

// Every promise that is broken behind the program's back is named by the check, and an untouched copy breaks none.
func TestTamperingIsNamed(t *testing.T) {
	base := newScene(t)
	if report := base.copied(t).check(t); len(report.Broken) != 0 || report.Applications != 5 || report.Signatures != 3 {
		t.Fatalf("before anything was done: %+v", report)
	}
	base.named(t, tamperings())
}

// named does each to a copy, and looks whether the promise and the place are told.
func (c scene) named(t *testing.T, list []tampering) {
	base := c
	for _, x := range list {
		t.Run(x.promise+" "+x.name, func(t *testing.T) {
			c := base.copied(t)
			place := strings.NewReplacer("$permit", c.permit, "$issued", c.issued).Replace(x.place)
			if len(x.statements) > 0 {
				c.exec(t, x.statements...)
			}
			if x.file != nil {
				x.file(t, c.attached(t))
			}
			report := c.check(t)
			for _, b := range report.Broken {
				if b.Promise == x.promise && (place == "" || strings.HasPrefix(b.Thing, place)) {
					return
				}
			}
			t.Errorf("%s was not named: %+v", x.promise, report.Broken)
		})
	}
}
