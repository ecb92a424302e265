package skill

import (
	"os"
	"testing"
)

// The time to load a binary grows with its size (architecture.md, Budgets).
func TestTheStrippedSkillIsSmall(t *testing.T) {
	const most = 15 << 20
	binary, err := os.Stat(build(t, "../../../functions/skill"))
	must(t, err)
	if binary.Size() > most {
		t.Errorf("%d bytes, at most %d", binary.Size(), most)
	}
}
