package sandbox

import (
	"net/url"
	"strconv"
	"time"
)

// list is a page of objects, newest first.
type list struct {
	Object  string `json:"object"`
	URL     string `json:"url"`
	HasMore bool   `json:"has_more"`
	Data    []any  `json:"data"`
}

// page answers the objects that keep accepts, newest first. created is an object's time of creation. Objects younger
// than Options.Lag are not listed yet: a listing may lag.
func page[T object](t *tx, r request, created func(T) int64, keep func(T) bool) (any, *apiError) {
	limit, given, failed := r.whole("limit")
	if failed != nil {
		return nil, failed
	}
	if !given {
		limit = 10
	}
	if limit < 1 || limit > 100 {
		return nil, errInvalid("parameter_invalid_integer", "limit", "limit is between 1 and 100.")
	}
	within, failed := r.interval()
	if failed != nil {
		return nil, failed
	}
	answer := list{Object: "list", URL: t.call.Path, Data: []any{}}
	after := r.form["starting_after"]
	past := after == ""
	newest := t.now.Add(-t.core.opt.Lag).Unix()
	for i := len(t.core.state.order) - 1; i >= 0; i-- {
		o, ok := t.core.state.objects[t.core.state.order[i]].(T)
		switch {
		case !ok:
			continue
		case !past:
			past = o.ident() == after
			continue
		case !within(created(o)) || !keep(o) || created(o) > newest && t.core.opt.Lag > 0:
			continue
		case int64(len(answer.Data)) == limit:
			answer.HasMore = true
			return answer, nil
		}
		answer.Data = append(answer.Data, o.wire())
	}
	if !past {
		return nil, errNoSuch("starting_after", after)
	}
	return answer, nil
}

// interval reads the created filter.
func (f form) interval() (func(int64) bool, *apiError) {
	tests := []func(int64) bool{}
	for name, holds := range map[string]func(at, bound int64) bool{
		"created":      func(at, b int64) bool { return at == b },
		"created[gt]":  func(at, b int64) bool { return at > b },
		"created[gte]": func(at, b int64) bool { return at >= b },
		"created[lt]":  func(at, b int64) bool { return at < b },
		"created[lte]": func(at, b int64) bool { return at <= b },
	} {
		bound, given, failed := f.whole(name)
		if failed != nil {
			return nil, failed
		}
		if given {
			tests = append(tests, func(at int64) bool { return holds(at, bound) })
		}
	}
	return func(at int64) bool {
		for _, holds := range tests {
			if !holds(at) {
				return false
			}
		}
		return true
	}, nil
}

// query encodes pairs of names and values as a form.
func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
