package firm_test

import (
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// What each role may do unless a person's own set says otherwise. A lawyer charges and gives back, but where the firm wants
// bills approved first somebody else does that; a timekeeper keeps time; a bookkeeper keeps no time, and looks after what
// needs a person; who may only read reads, and not rates.
const roles = `
            track-time bill charge approve refund disburse see-rates manage operate see
admin       x          x    x      x       x      x        x         x      x       x
lawyer      x          x    x      -       x      x        x         -      -       x
timekeeper  x          -    -      -       -      -        -         -      -       x
bookkeeper  -          x    x      -       x      x        x         -      x       x
read-only   -          -    -      -       -      -        -         -      -       x
`

func TestWhatEachRoleMay(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(roles), "\n")
	permissions := strings.Fields(rows[0])
	if len(rows)-1 != len(firm.Roles) {
		t.Fatalf("%d roles in the table, %d in the firm", len(rows)-1, len(firm.Roles))
	}
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		for i, p := range permissions {
			if may := firm.Role(cells[0]).May(firm.Permission(p)); may != (cells[i+1] == "x") {
				t.Errorf("%s, %s: %t", cells[0], p, may)
			}
		}
	}
	if firm.Role("owner").May(firm.See) || firm.Role("").Valid() {
		t.Error("a role that is none")
	}
}
