package app_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/testkit/site"
)

var offeredPhone = regexp.MustCompile(`/kk/sign/([0-9a-f.]{32,})/phone`)

// A correction and a withdrawal are signed on the telephone from their own pages.
func TestCorrectionAndWithdrawalSignedOnTheTelephone(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	number := sent(t, owner, nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	done(t, asksCorrection(t, executor, number))
	b, one := s.LogIn(owner), "/kk/applications/"+number
	done(t, b.Send(b.Upload(one+"/documents/licence_copy/upload", map[string]string{"name": "Анық көшірме"}, "fresh.pdf", site.Contract())))
	done(t, b.Post(one+"/correction", url.Values{"version": {version(t, b, one+"/correction")}, "licence_number": {"1112"}, "go": {"sign"}}))
	for _, x := range []struct {
		page string
		want application.State
	}{{one + "/correction/sign", application.Registered}, {one + "/withdraw", application.Withdrawn}} {
		way := offeredPhone.FindStringSubmatch(b.Get(x.page).Body)
		if way == nil {
			t.Fatalf("%s does not offer the telephone", x.page)
		}
		phone := scan(t, s, b.Get(way[0]))
		path, answer, content := phone.document(t, s)
		if got := phone.send(path, withSignature(t, answer, content, s.Sign(content, owner.Key))); got.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", x.page, got.Status, got.Body)
		}
		done(t, b.Post(x.page+"?challenge="+way[1], url.Values{"phone": {"1"}}))
		if got := s.Application(number).State; got != x.want {
			t.Errorf("%s: %s", x.page, got)
		}
	}
	s.Clean()
}

// What is asked for together is signed after one scan: all documents or none, whatever order the telephone sends them in.
func TestBundleSignedOnTheTelephone(t *testing.T) {
	w := openBundle(t)
	w.complete()
	way := offeredPhone.FindStringSubmatch(w.browser.Get(w.address("/sign")).Body)
	if way == nil || !strings.Contains(way[1], ".") {
		t.Fatal("the page does not offer the telephone")
	}
	shown := w.browser.Get(way[0])
	phone := scan(t, w.Site, shown)
	path, answer, contents := phone.documents(t, w.Site)
	for _, number := range []string{w.licence, w.notice} {
		if !strings.Contains(shown.Body, number) || !strings.Contains(answer.Body, number) || !strings.Contains(phone.Get(phone.offer).Body, number) {
			t.Errorf("%s is not shown", number)
		}
	}
	if len(contents) != 2 {
		t.Fatalf("%d documents", len(contents))
	}
	stranger := w.Organisation(7)
	first, second := w.Sign(contents[0], w.owner.Key), w.Sign(contents[1], w.owner.Key)
	for what, signatures := range map[string][][]byte{
		"one of another":    {first, w.Sign(contents[1], stranger.Key)},
		"of one only":       {first, nil},
		"twice of the same": {first, first},
		"one only":          {first},
		"one too many":      {first, second, second},
	} {
		if got := phone.send(path, signedAll(t, answer.Body, signatures, nil)); got.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", what, got.Status, got.Body)
		}
	}
	action, pressed := w.address("/sign?challenge="+way[1]), url.Values{"phone": {"1"}}
	if got := w.browser.Post(action, pressed); got.Status != http.StatusSeeOther || got.Location() != way[0]+"?waiting=1" {
		t.Errorf("nothing was taken, pressed too early: %d %s", got.Status, got.Location())
	}
	for range 2 {
		if got := phone.send(path, signedAll(t, answer.Body, [][]byte{first, second}, []int{1, 0})); got.Status != http.StatusOK {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	w.Clock.Advance(time.Second)
	if got := phone.send(path, signedAll(t, answer.Body, [][]byte{first, w.Sign(contents[1], w.owner.Key)}, nil)); got.Status != http.StatusForbidden {
		t.Errorf("another signature of one of them: %d", got.Status)
	}
	if got := w.browser.Get(way[0] + "/state").Body; !strings.Contains(got, "signed") {
		t.Error(got)
	}
	if got := w.LogIn(w.owner).Post(action, pressed); got.Status == http.StatusSeeOther && w.states() != [2]application.State{application.Draft, application.Draft} {
		t.Errorf("from another browser: %d", got.Status)
	}
	done(t, w.browser.Post(action, pressed))
	if got := w.states(); got[0] == application.Draft || got[1] == application.Draft {
		t.Error(got)
	}
	w.Clean()
}

// signedAll is the answer of the second address with signatures in the documents' places, in another order where one is given.
func signedAll(t *testing.T, answer string, signatures [][]byte, order []int) []byte {
	t.Helper()
	var in struct {
		SignMethod string           `json:"signMethod"`
		Documents  []map[string]any `json:"documentsToSign"`
	}
	must(t, json.Unmarshal([]byte(answer), &in))
	for len(in.Documents) < len(signatures) {
		in.Documents = append(in.Documents, in.Documents[0])
	}
	in.Documents = in.Documents[:len(signatures)]
	for i, cms := range signatures {
		in.Documents[i]["document"] = map[string]any{"file": map[string]any{"data": base64.StdEncoding.EncodeToString(cms)}}
	}
	if order != nil {
		all := slices.Clone(in.Documents)
		for i, at := range order {
			in.Documents[i] = all[at]
		}
	}
	body, err := json.Marshal(in)
	must(t, err)
	return body
}
