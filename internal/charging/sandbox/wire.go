package sandbox

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxBody bounds a request.
const maxBody = 1 << 20

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/", s.serveAPI)
	mux.HandleFunc("GET /{$}", s.servePayments)
	mux.HandleFunc("GET /style.css", serveStyle)
	mux.HandleFunc("GET /pay/{page}", s.servePage)
	mux.HandleFunc("POST /pay/{page}", s.serveCard)
	mux.HandleFunc("POST /pay/{page}/challenge", s.serveChallenge)
	return http.NewCrossOriginProtection().Handler(secured(mux))
}

// serveAPI answers one call of the interface. When the answer is to be lost, the connection is cut.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	if !s.authorised(r) {
		send(w, errUnauthorized().answer(), s.opt.NewID())
		return
	}
	call, err := readCall(w, r)
	if err != nil {
		send(w, errInvalid("", "", "The request could not be read.").answer(), s.opt.NewID())
		return
	}
	answer, err := s.do(call, func(d time.Duration) { s.opt.Wait(r.Context(), d) })
	if errors.Is(err, ErrNoAnswer) {
		cut(w)
	}
	if err != nil {
		// Nothing was made durable, so nothing happened; the caller cannot know that, and neither can Stripe's.
		send(w, errServer().answer(), s.opt.NewID())
		return
	}
	send(w, answer, s.opt.NewID())
}

func readCall(w http.ResponseWriter, r *http.Request) (Call, error) {
	call := Call{Method: r.Method, Path: strings.TrimSuffix(r.URL.Path, "/"), Form: r.URL.RawQuery, Key: r.Header.Get("Idempotency-Key")}
	if r.Method != http.MethodPost {
		return call, nil
	}
	if len(call.Key) > 255 {
		return call, errors.New("the idempotency key is longer than 255 characters")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	call.Form = string(body)
	return call, err
}

func send(w http.ResponseWriter, a Answer, id string) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Request-Id", "req_"+id)
	h.Set("Stripe-Version", apiVersion)
	if a.Replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a caller that is gone asks again
}

// cut breaks the connection in the middle of an answer. Cutting it before the first byte would not do: Go's transport
// sends a request again by itself when it has an Idempotency-Key and a reused connection closes without a word.
func cut(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "2")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush() // whether the half answer arrives is all the same
	panic(http.ErrAbortHandler)
}
