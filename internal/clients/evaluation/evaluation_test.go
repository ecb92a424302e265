package evaluation

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the cases that the rules make")

func TestTheCommittedCasesAreWhatTheRulesMake(t *testing.T) {
	for _, n := range Sizes {
		made := Write(Make(n))
		if *update {
			if err := os.WriteFile(file(n), []byte(made), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := committed.ReadFile(file(n))
		if err != nil || string(have) != made {
			t.Errorf("%s is not what the rules make: go generate ./internal/clients/evaluation, and judge again (%v)", file(n), err)
		}
	}
}

func TestEveryCaseIsSound(t *testing.T) {
	for _, n := range Sizes {
		firm := map[string]bool{}
		for _, c := range Firm(n) {
			firm[c.Name] = true
		}
		cases, err := Read(n)
		if err != nil || len(firm) != n {
			t.Fatal(len(firm), err)
		}
		kinds, halves := map[string]int{}, map[bool]int{}
		for _, c := range cases {
			kinds[c.Kind]++
			halves[c.Judge]++
			if c.Want != Nobody && c.Want != Several && !firm[c.Want] || c.Want == Nobody && firm[c.Heard] || c.Heard == "" {
				t.Errorf("%+v is not a case of this firm", c)
			}
		}
		if len(kinds) != len(rules)+3 || halves[true] != perHalf || halves[false] != perHalf {
			t.Errorf("%d clients: %v %v", n, kinds, halves)
		}
	}
}
