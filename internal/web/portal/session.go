package portal

import (
	"net/http"

	"elicense/internal/web"
)

// extend answers the page's warning that the session ends: this request itself has put the end off.
func (p *Portal) extend(w http.ResponseWriter, _ *web.Request) error {
	return answerScript(w, struct {
		Seconds int `json:"seconds"`
	}{int(awake.Seconds())})
}
