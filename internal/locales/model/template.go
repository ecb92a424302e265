package model

import (
	"fmt"
	"slices"
	"strings"
)

// maxSamples is how many samples one template may stand for: more is a slip of the pen.
const maxSamples = 2000

// expander writes templates out.
type expander struct {
	lets  map[string]string
	depth int // of <names> inside each other
}

// expand returns every sample that a template stands for, each once, in the order of the template. Errors: brackets that
// do not fit, a <name> that nothing is said for, more than maxSamples.
func (e expander) expand(template string) ([]string, error) {
	r := &reader{rest: template}
	parts, err := e.alternatives(r)
	if err == nil && r.rest != "" {
		err = fmt.Errorf("%q closes nothing", r.rest[:1])
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", template, err)
	}
	var samples []string
	for _, p := range parts {
		if p = strings.Join(strings.Fields(p), " "); p != "" && !slices.Contains(samples, p) {
			samples = append(samples, p)
		}
	}
	return samples, nil
}

// reader is what is left of a template.
type reader struct{ rest string }

// text takes everything up to the next mark.
func (r *reader) text() string {
	n := strings.IndexAny(r.rest, "()[]|<>")
	if n < 0 {
		n = len(r.rest)
	}
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text
}

// take takes one mark, if it is next.
func (r *reader) take(mark string) bool {
	rest, ok := strings.CutPrefix(r.rest, mark)
	if ok {
		r.rest = rest
	}
	return ok
}

// alternatives are "a | b | c", up to a closing bracket or the end.
func (e expander) alternatives(r *reader) (all []string, err error) {
	for {
		sequence, err := e.sequence(r)
		if err != nil {
			return nil, err
		}
		if all = append(all, sequence...); !r.take("|") {
			return all, nil
		}
	}
}

// sequence is texts, groups and <names> one after another: every part of one with every part of the next.
func (e expander) sequence(r *reader) ([]string, error) {
	said := []string{""}
	for {
		next, err := e.piece(r)
		if err != nil || next == nil {
			return said, err
		}
		if len(said)*len(next) > maxSamples {
			return nil, fmt.Errorf("stands for more than %d samples", maxSamples)
		}
		joined := make([]string, 0, len(said)*len(next))
		for _, before := range said {
			for _, after := range next {
				joined = append(joined, before+after)
			}
		}
		said = joined
	}
}

// piece is a text, a group or a <name>; nil at the end of a sequence.
func (e expander) piece(r *reader) ([]string, error) {
	switch {
	case r.rest == "", r.rest[0] == ')', r.rest[0] == ']', r.rest[0] == '|':
		return nil, nil
	case r.take("("):
		return e.group(r, ")")
	case r.take("["):
		parts, err := e.group(r, "]")
		return append([]string{""}, parts...), err
	case r.take("<"):
		return e.named(r)
	case r.rest[0] == '>':
		return nil, fmt.Errorf("%q opens nothing", ">")
	}
	return []string{r.text()}, nil
}

func (e expander) group(r *reader, closing string) ([]string, error) {
	parts, err := e.alternatives(r)
	if err == nil && !r.take(closing) {
		err = fmt.Errorf("%q is missing", closing)
	}
	return parts, err
}

// named is what a "let" says for a <name>.
func (e expander) named(r *reader) ([]string, error) {
	name := r.text()
	body, ok := e.lets[name]
	if !r.take(">") || !ok {
		return nil, fmt.Errorf("nothing is said for <%s>", name)
	}
	if e.depth++; e.depth > 8 {
		return nil, fmt.Errorf("<%s> leads back to itself", name)
	}
	return e.expand(body)
}
