package alexa

import (
	"context"
	"log/slog"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// line is the one line that a request leaves in the log: ids, types and codes, never what was said.
type line struct {
	request *Request
	caller  firm.Caller
	err     error
}

func (l *line) fail(err error) { l.err = err }

func (l *line) write(ctx context.Context, log *slog.Logger, took time.Duration) {
	attrs := l.what(l.who(make([]slog.Attr, 0, 16)))
	attrs = append(attrs, slog.Int64("ms", took.Milliseconds()))
	log.LogAttrs(ctx, l.level(), "alexa", append(attrs, l.outcome()...)...)
}

// who is the request's and the caller's ids. Alexa's user and device ids stay out: they are Amazon's, and long.
func (l *line) who(attrs []slog.Attr) []slog.Attr {
	attrs = append(attrs, slog.String("request", l.request.Body.RequestID))
	if s := l.request.Session; s != nil {
		attrs = append(attrs, slog.String("session", s.ID), slog.Bool("new", s.New))
	}
	if l.caller.Firm != "" {
		attrs = append(attrs, slog.String("firm", l.caller.Firm), slog.String("person", l.caller.Person))
	}
	return attrs
}

func (l *line) what(attrs []slog.Attr) []slog.Attr {
	b := l.request.Body
	attrs = append(attrs, slog.String("type", b.Type), slog.String("locale", b.Locale))
	if b.Intent != nil {
		attrs = append(attrs, slog.String("intent", b.Intent.Name))
	}
	if b.Reason != "" {
		attrs = append(attrs, slog.String("reason", b.Reason))
	}
	if b.Error != nil {
		attrs = append(attrs, slog.String("error", b.Error.Type))
	}
	if b.Cause != nil {
		attrs = append(attrs, slog.String("cause", b.Cause.RequestID))
	}
	return attrs
}

// outcome is a fault's code, or the whole error when it is no fault that a person is told about.
func (l *line) outcome() []slog.Attr {
	switch f := fault.As(l.err); {
	case l.err == nil:
		return []slog.Attr{slog.String("outcome", "ok")}
	case f == nil || f.Kind == fault.Internal || f.Cause != nil:
		return []slog.Attr{slog.String("outcome", "error"), slog.String("err", l.err.Error())}
	default:
		return []slog.Attr{slog.String("outcome", f.Code)}
	}
}

func (l *line) level() slog.Level {
	b := l.request.Body
	switch {
	case l.err != nil && fault.KindOf(l.err) == fault.Internal:
		return slog.LevelError
	case b.Error != nil || b.Type == "System.ExceptionEncountered":
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
