package oauth

import (
	"net/url"
	"strings"
)

// Limits of what is sent, in bytes. Alexa's states have a few hundred; an API gateway takes 10 KB of a request's head.
const (
	maxParam = 2048
	maxState = 4096
)

// params reads parameters as RFC 6749 §3.1 wants: each at most once, and one without a value as if it were not there.
type params struct {
	values url.Values
	wrong  *Error // the first parameter that was doubled or too long
}

// get returns a parameter, empty when it is absent, doubled or too long.
func (p *params) get(name string, most int) string {
	list := p.values[name]
	switch {
	case len(list) == 0:
		return ""
	case len(list) > 1:
		p.fail(name + " is there more than once")
		return ""
	case len(list[0]) > most:
		p.fail(name + " is too long")
		return ""
	}
	return list[0]
}

// need is get of a parameter that must be there.
func (p *params) need(name string, most int) string {
	v := p.get(name, most)
	if v == "" {
		p.fail(name + " is missing")
	}
	return v
}

func (p *params) fail(text string) {
	if p.wrong == nil {
		p.wrong = refuse(InvalidRequest, text)
	}
}

// scope checks the parameter's form alone: whatever is asked for gets Scope, and is told so (RFC 6749 §3.3).
func (p *params) scope() error {
	for _, r := range p.get("scope", maxParam) {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return refuse(InvalidScope, "scope holds a character that it may not")
		}
	}
	return nil
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// verifier reports whether s has the form of RFC 7636 §4.1.
func verifier(s string) bool {
	return len(s) >= 43 && len(s) <= 128 && strings.Trim(s, unreserved) == ""
}

// challenge reports whether s has the form of an S256 challenge: base64url of 32 bytes.
func challenge(s string) bool {
	return len(s) == 43 && strings.Trim(s, unreserved) == "" && !strings.ContainsAny(s, ".~")
}
