package talk

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"
)

// Stage is where a play is performed: the same play runs on any store.
type Stage struct {
	// Conversation returns the device of a lawyer, by first name in lower case; "" is the first lawyer.
	Conversation func(lawyer string) *Conversation
	// Pass lets time pass for everything on the stage.
	Pass func(d time.Duration)
	// Same reports whether the clerk said what is written; nil: word for word.
	Same func(said, written string) bool
	// Directions are further stage directions, by their text: "(the bill changes)".
	Directions map[string]func(ctx context.Context) error
}

// Test is what Play needs of a *testing.T.
type Test interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

// Play performs a script and fails the test at the first line that is answered otherwise. A script reads like a play:
//
//	# a comment
//	lawyer: start the clock for acme
//	clerk:  Started Acme Corporation.
//	(20 minutes pass)
//	lawyer ben: what's running
//	clerk:  Nothing is running.
//
// Other stage directions are (the talk is over), (the account is to be linked), and those of the stage. When time
// passes, open talks end, as they do when nobody answers. At every answer the rules of the voice are checked: the
// microphone is open after a question, which is the only and the last one, and never otherwise.
func Play(t Test, script string, stage Stage) {
	t.Helper()
	p := &performance{stage: stage, devices: map[string]*Conversation{}}
	lines := bufio.NewScanner(strings.NewReader(script))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := p.perform(t.Context(), line); err != nil {
			t.Fatalf("line %d: %s\n%v", n, line, err)
		}
	}
	if p.answered != nil {
		t.Fatalf("the play ends before the clerk has answered; the answer is:\nclerk:  %s", p.answered.Speech)
	}
}

type performance struct {
	stage    Stage
	devices  map[string]*Conversation
	answered *Exchange // not yet compared
	last     Exchange
}

func (p *performance) perform(ctx context.Context, line string) error {
	if strings.HasPrefix(line, "(") {
		return p.direct(ctx, strings.Trim(line, "()"))
	}
	who, text, found := strings.Cut(line, ":")
	role, name, _ := strings.Cut(who, " ")
	text = strings.TrimSpace(text)
	switch {
	case found && role == "lawyer":
		return p.say(ctx, name, text)
	case found && role == "clerk":
		return p.compare(text)
	}
	return fmt.Errorf("neither a lawyer's nor the clerk's line, nor a stage direction")
}

func (p *performance) say(ctx context.Context, lawyer, text string) error {
	if p.answered != nil {
		return fmt.Errorf("the clerk's answer before is not in the play:\nclerk:  %s", p.answered.Speech)
	}
	x, err := p.device(lawyer).Say(ctx, text)
	if err != nil {
		return err
	}
	p.last, p.answered = x, &x
	return x.obeys()
}

func (p *performance) device(lawyer string) *Conversation {
	c, ok := p.devices[lawyer]
	if !ok {
		c = p.stage.Conversation(strings.ToLower(lawyer))
		p.devices[lawyer] = c
	}
	return c
}

func (p *performance) compare(want string) error {
	if p.answered == nil {
		return fmt.Errorf("nobody has said anything that the clerk could answer")
	}
	got := p.answered
	p.answered = nil
	if same := p.stage.Same; got.Speech != want && (same == nil || !same(got.Speech, want)) {
		return fmt.Errorf("clerk:  %s   <- this was said, after %s %v", got.Speech, got.Intent, got.Slots)
	}
	return nil
}

func (p *performance) direct(ctx context.Context, direction string) error {
	if d, ok := passing(direction); ok {
		for _, c := range p.devices {
			if err := c.HangUp(ctx); err != nil {
				return err
			}
		}
		p.stage.Pass(d)
		return nil
	}
	switch direction {
	case "the talk is over":
		return p.wants(p.last.Ended)
	case "the account is to be linked":
		return p.wants(p.last.Link)
	}
	act, ok := p.stage.Directions[direction]
	if !ok {
		return fmt.Errorf("no such stage direction")
	}
	return act(ctx)
}

func (p *performance) wants(ok bool) error {
	if !ok {
		return fmt.Errorf("it is not so after %q", p.last.Speech)
	}
	return nil
}

// passing reads "20 minutes pass", "1 hour passes".
func passing(direction string) (time.Duration, bool) {
	var n int64
	var unit, verb string
	if _, err := fmt.Sscanf(direction, "%d %s %s", &n, &unit, &verb); err != nil || verb != "pass" && verb != "passes" {
		return 0, false
	}
	units := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	d, ok := units[strings.TrimSuffix(unit, "s")]
	return time.Duration(n) * d, ok
}

// obeys checks what every answer must keep.
func (x Exchange) obeys() error {
	switch questions := strings.Count(x.Speech, "?"); {
	case x.Listening && (questions != 1 || !strings.HasSuffix(x.Speech, "?")):
		return fmt.Errorf("the microphone is open, but one question does not come last: %q", x.Speech)
	case x.Listening && x.Reprompt == "":
		return fmt.Errorf("a question without a reprompt: %q", x.Speech)
	case !x.Listening && questions > 0:
		return fmt.Errorf("a question, but the microphone is closed: %q", x.Speech)
	}
	return nil
}
