package model

import (
	"fmt"
	"slices"
	"strings"
)

// source is what one or several model.txt say, later ones over earlier ones.
type source struct {
	invocation  string
	sensitivity string
	lets        map[string]string
	slots       []*block // name: the slot's; rest: its type
	types       []*block
	intents     []*block // rest: "asks" and slots
}

// block is a statement with the lines that belong to it.
type block struct {
	name, rest string
	lines      []line
}

// line is a template or a value. One that begins with "-" takes away what it says.
type line struct {
	text   string
	taken  bool
	origin string // "en-GB/model.txt:12"
}

// read adds a file to the source. Errors name the line.
func (s *source) read(file, text string) error {
	var open *block
	for n, raw := range strings.Split(text, "\n") {
		said, _, _ := strings.Cut(raw, "#")
		if strings.TrimSpace(said) == "" {
			continue
		}
		at := fmt.Sprintf("%s:%d", file, n+1)
		if said[0] != ' ' && said[0] != '\t' {
			var err error
			if open, err = s.statement(strings.TrimSpace(said)); err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
			continue
		}
		if open == nil {
			return fmt.Errorf("%s: belongs to no slot, type or intent", at)
		}
		text, taken := strings.CutPrefix(strings.TrimSpace(said), "-")
		open.lines = append(open.lines, line{strings.TrimSpace(text), taken, at})
	}
	return nil
}

// statement reads a line that begins at the margin, and returns the block that it opens, if any.
func (s *source) statement(text string) (*block, error) {
	word, rest, _ := strings.Cut(text, " ")
	name, more, _ := strings.Cut(strings.TrimSpace(rest), " ")
	more = strings.TrimSpace(more)
	switch word {
	case "invocation":
		s.invocation = strings.TrimSpace(rest)
		return nil, nil
	case "sensitivity":
		s.sensitivity = name
		return nil, nil
	case "let":
		body, ok := strings.CutPrefix(more, "=")
		if !ok {
			return nil, fmt.Errorf("let %s wants a =", name)
		}
		s.lets[name] = strings.TrimSpace(body)
		return nil, nil
	case "slot":
		return into(&s.slots, name, more)
	case "type":
		return into(&s.types, name, more)
	case "intent":
		return into(&s.intents, name, more)
	}
	return nil, fmt.Errorf("%q begins no statement", word)
}

// into finds the block of a name, or adds it.
func into(blocks *[]*block, name, rest string) (*block, error) {
	if name == "" {
		return nil, fmt.Errorf("a name is missing")
	}
	i := slices.IndexFunc(*blocks, func(b *block) bool { return b.name == name })
	if i < 0 {
		*blocks = append(*blocks, &block{name: name})
		i = len(*blocks) - 1
	}
	b := (*blocks)[i]
	if rest != "" {
		b.rest = rest
	}
	return b, nil
}

// samples writes a block's templates out, each sample once. Errors name the line: one that says nothing new, or takes
// away what was not there, is stale.
func (s *source) samples(b *block) ([]string, error) {
	samples := []string{}
	for _, l := range b.lines {
		said, err := expander{lets: s.lets}.expand(l.text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.origin, err)
		}
		before := len(samples)
		for _, one := range said {
			i := slices.Index(samples, one)
			switch {
			case l.taken && i >= 0:
				samples = slices.Delete(samples, i, i+1)
			case !l.taken && i < 0:
				samples = append(samples, one)
			}
		}
		if len(samples) == before {
			return nil, fmt.Errorf("%s: %q changes nothing", l.origin, l.text)
		}
	}
	return samples, nil
}
