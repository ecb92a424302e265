package alexa

import (
	"errors"
	"io"
	"net/http"

	"github.com/billingclerk/billingclerk/internal/fault"
)

// ServeHTTP answers a request posted over HTTP. It verifies nothing: Verifier.Wrap goes around it wherever the
// sender is not known otherwise.
func (s *Skill) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	if err != nil {
		http.Error(w, fault.As(err).Message, status(err))
		return
	}
	answer, err := s.Handle(r.Context(), body)
	if err != nil {
		http.Error(w, fault.As(err).Message, status(err))
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(answer) // whoever asked is gone; the log line is written already
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, errMethod
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRequest))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, ErrTooLarge
	}
	if err != nil {
		return nil, ErrMalformed.Because(err)
	}
	return body, nil
}

var errMethod = fault.New(fault.Invalid, "alexa.method", "Only POST is answered here.")

// status maps the faults of a request to HTTP.
func status(err error) int {
	switch {
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrApplication):
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}
