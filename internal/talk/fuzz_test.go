package talk_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// Whatever is typed becomes one request that Alexa could have sent, and the talk goes on.
func FuzzSay(f *testing.F) {
	for _, line := range []string{"", "alexa", "open billing clerk", "tell billing clerk to", "start the clock for o'brien & sons", "the 's",
		"yes, double four one two", "{client}", "charge 's card", "note " + strings.Repeat("long ", 90), "\x00\xff", "st. mary's", "a.. b. ..", "twenty-"} {
		f.Add(line)
	}
	s := &skill{}
	c := device(f, s)
	f.Fuzz(func(t *testing.T, text string) {
		s.asked, s.answers = nil, []string{open, elicit, closing}
		for _, line := range []string{text, text, text} {
			x := say(t, c, line)
			if !json.Valid(x.Request) || x.Intent == "" {
				t.Errorf("%q became %q %s", line, x.Intent, x.Request)
			}
			for name, value := range x.Slots {
				if strings.TrimSpace(value) == "" {
					t.Errorf("%q filled %s of %s with nothing", line, name, x.Intent)
				}
			}
		}
	})
}
