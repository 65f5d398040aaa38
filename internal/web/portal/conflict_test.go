package portal

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Two windows on one page: each changes another field, neither loses anything, and the scripts of both go on saving.
func TestTwoWindowsOnOnePage(t *testing.T) {
	j := openJourney(t)
	j.begin()
	path := j.at("/pages/personal")
	first := hidden(t, j.get(path, http.StatusOK), "version")
	second := first
	with := func(version string, pairs ...string) url.Values {
		v := url.Values{"version": {version}}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	save := func(version string, pairs ...string) string {
		t.Helper()
		told, _ := j.send(path+"/autosave", with(version, pairs...), http.StatusOK)
		var answer autosaved
		must(t, json.Unmarshal([]byte(told), &answer))
		return answer.Version
	}
	first = save(first, "house", "15Ә")
	// The second window still shows the old house: neither its script nor its button brings it back.
	second = save(second, "street_ru", "Сарыарқа", "house", "")
	second = save(second, "street_ru", "Сарыарқа даңғылы", "house", "")
	j.holds(j.get(path, http.StatusOK), `value="15Ә"`, "Сарыарқа даңғылы")
	_, resp := j.send(path, with(second, "street_ru", "Сарыарқа даңғылы", "house", "", "go", "back"), http.StatusSeeOther)
	j.holds(j.get(resp.Header.Get("Location"), http.StatusOK), "Басқа терезеде осы бетке енгізілген өзгерістер де сақталып қалды")
	j.holds(j.get(path, http.StatusOK), `value="15Ә"`, "Сарыарқа даңғылы")
	// The first changes what the second changed: both values stand at the field, and the other fields are stored.
	conflict := with(first, "house", "15Ә", "street_ru", "Тұран", "street_kk", "Тұран даңғылы")
	told, _ := j.send(path+"/autosave", conflict, http.StatusConflict)
	j.holds(told, `"compare":"compare"`, "Көше")
	conflict.Set("go", "compare")
	body, _ := j.send(path, conflict, http.StatusConflict)
	j.holds(html.UnescapeString(body), `href="#f-street_ru"`, "«Сарыарқа даңғылы» деп сақталған, осы бетте «Тұран» деп жазылған", `value="Тұран"`, "Сақталған", "Осы бетте", `value="Тұран даңғылы"`)
	j.lacks(body, "data-autosave=")
	j.holds(j.get(path, http.StatusOK), "Сарыарқа даңғылы", `value="Тұран даңғылы"`)
	for l, words := range map[string]string{"ru": "в другом окне сохранено «Сарыарқа даңғылы», на этой странице введено «Тұран»", "en": "“Сарыарқа даңғылы” was stored in another window, “Тұран” was typed"} {
		other, _ := j.send(strings.Replace(path, "/kk/", "/"+l+"/", 1), conflict, http.StatusConflict)
		j.holds(html.UnescapeString(other), words)
	}
	// Comparing a page on which nothing differs shows it anew.
	_, resp = j.send(path, with(hidden(t, j.get(path, http.StatusOK), "version"), "go", "compare"), http.StatusSeeOther)
	if resp.Header.Get("Location") != path {
		t.Errorf("went to %s", resp.Header.Get("Location"))
	}
}

// A value of several lines, such as a territory, stands in one where the conflict is told.
func TestLinesOfAConflict(t *testing.T) {
	if got := inLine("Астана: 200\nСемей: 100"); got != "Астана: 200; Семей: 100" {
		t.Error(got)
	}
	if got := inLine(""); got != "—" {
		t.Error(got)
	}
}
