package web

import (
	"context"
	"io"
	"net/http"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

var errNotReady = fault.New(fault.Busy, "web.not-ready", "Not ready: the database does not answer.")

// health answers 200 when a request would be served, else 503.
func health(ready func(context.Context) error) site.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := ready(r.Context()); err != nil {
			return errNotReady.Because(err)
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n")
		return nil
	}
}
