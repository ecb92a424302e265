package sandbox

import (
	"net/url"
	"strconv"
	"strings"
)

// form is a request's parameters by their full bracketed names, "metadata[attempt]".
type form map[string]string

// maxParams bounds a request's parameters.
const maxParams = 1000

// readForm decodes Stripe's form encoding: x-www-form-urlencoded with nested names in brackets. An empty index, "a[]",
// becomes a number. A name may come once.
func readForm(text string) (form, *apiError) {
	values, err := url.ParseQuery(text)
	if err != nil || len(values) > maxParams {
		return nil, errInvalid("", "", "The parameters could not be read.")
	}
	f := form{}
	for name, all := range values {
		for i, value := range all {
			full := strings.TrimSuffix(name, "[]")
			if full != name {
				full += "[" + strconv.Itoa(i) + "]"
			} else if i > 0 {
				return nil, errInvalid("parameter_invalid", name, "The parameter "+name+" comes twice.")
			}
			if _, ok := split(full); !ok {
				return nil, errInvalid("parameter_unknown", name, "Received an unreadable parameter name.")
			}
			f[full] = value
		}
	}
	return f, nil
}

// split cuts "a[b][c]" into a, b, c.
func split(name string) ([]string, bool) {
	head, rest, nested := strings.Cut(name, "[")
	if head == "" || strings.ContainsAny(head, "]") || len(name) > 500 {
		return nil, false
	}
	parts := []string{head}
	for nested {
		part, after, closed := strings.Cut(rest, "]")
		if !closed || part == "" || strings.Contains(part, "[") {
			return nil, false
		}
		parts = append(parts, part)
		if after == "" {
			return parts, true
		}
		if after[0] != '[' {
			return nil, false
		}
		rest = after[1:]
	}
	return parts, true
}

// only refuses parameters outside a list of names; "*" stands for any part of a name.
func (f form) only(allowed []string) *apiError {
	for name := range f {
		parts, _ := split(name)
		if !known(parts, allowed) {
			return errInvalid("parameter_unknown", name, "Received unknown parameter: "+name)
		}
	}
	return nil
}

func known(parts, allowed []string) bool {
	for _, pattern := range allowed {
		want, _ := split(pattern)
		if len(want) != len(parts) {
			continue
		}
		same := true
		for i := range want {
			same = same && (want[i] == "*" || want[i] == parts[i])
		}
		if same {
			return true
		}
	}
	return false
}

// under collects "name[x]" as x.
func (f form) under(name string) map[string]string {
	found := map[string]string{}
	for full, value := range f {
		if parts, _ := split(full); len(parts) == 2 && parts[0] == name {
			found[parts[1]] = value
		}
	}
	return found
}

// under2 collects "a[b][x]" as x.
func (f form) under2(a, b string) map[string]string {
	found := map[string]string{}
	for full, value := range f {
		if parts, _ := split(full); len(parts) == 3 && parts[0] == a && parts[1] == b {
			found[parts[2]] = value
		}
	}
	return found
}

// whole reads a whole number; absent: not ok without an error.
func (f form) whole(name string) (n int64, ok bool, failed *apiError) {
	text, ok := f[name]
	if !ok {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false, errInvalid("parameter_invalid_integer", name, "Invalid integer: "+name)
	}
	return n, true, nil
}

// flag reads a boolean; absent is false.
func (f form) flag(name string) (bool, *apiError) {
	switch f[name] {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, errInvalid("", name, "Invalid boolean: "+name)
}

// metadata reads and bounds a metadata hash (docs.stripe.com/metadata: 50 keys of 40 characters, values of 500).
func metadata(m map[string]string) (map[string]string, *apiError) {
	if len(m) > 50 {
		return nil, errInvalid("", "metadata", "Metadata can have at most 50 keys.")
	}
	for k, v := range m {
		if len(k) > 40 || len(v) > 500 {
			return nil, errInvalid("", "metadata", "Metadata keys are up to 40 characters and values up to 500.")
		}
	}
	return m, nil
}

// expands tells whether the request asked for a field to be expanded.
func (f form) expands(field string) bool {
	for _, name := range f.under("expand") {
		if name == field {
			return true
		}
	}
	return false
}
