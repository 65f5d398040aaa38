package registers

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"

	"elicense/internal/fault"
)

// Handler answers the protocol of package gov to those who show the token.
func (r *Register) Handler(token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, q *http.Request) { answer(w, map[string]any{}, r.answering(q.Context())) })
	mux.HandleFunc("POST /legal-entity", func(w http.ResponseWriter, q *http.Request) {
		e, err := r.LegalEntity(q.Context(), asked(w, q).BIN)
		answer(w, map[string]any{"bin": e.BIN, "name": e.Name, "head": e.Head, "position": e.Position, "values": e.Values}, err)
	})
	mux.HandleFunc("POST /person", func(w http.ResponseWriter, q *http.Request) {
		p, err := r.Person(q.Context(), asked(w, q).IIN)
		answer(w, map[string]any{"iin": p.IIN, "values": p.Values}, err)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if subtle.ConstantTimeCompare([]byte(q.Header.Get("Authorization")), []byte("Bearer "+token)) != 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, q)
	})
}

// question is what may be asked.
type question struct {
	BIN string `json:"bin"`
	IIN string `json:"iin"`
}

// asked reads the question; one that cannot be read is about nobody.
func asked(w http.ResponseWriter, q *http.Request) question {
	var in question
	if err := json.NewDecoder(http.MaxBytesReader(w, q.Body, 1<<10)).Decode(&in); err != nil {
		return question{}
	}
	return in
}

func answer(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case err == nil:
		_ = json.NewEncoder(w).Encode(v) // the asker went away
	case fault.KindOf(err) == fault.NotFound:
		w.WriteHeader(http.StatusNotFound)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
