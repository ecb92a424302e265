package firm

import (
	"bytes"
	"testing"
)

func TestOneCodeOfTwoPeopleLeavesTwoHashes(t *testing.T) {
	h := &House{Pepper: bytes.Repeat([]byte("p"), 32)}
	seen := map[string]bool{}
	for _, c := range []Caller{{Firm: "f1", Person: "p1"}, {Firm: "f1", Person: "p2"}, {Firm: "f2", Person: "p1"}} {
		hash, err := (&Act{Caller: c, house: h, action: Action{Name: "code.prove", Input: "1234"}}).inputHash()
		if err != nil || len(hash) != 32 {
			t.Fatal(err)
		}
		seen[string(hash)] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d hashes of three people's code", len(seen))
	}
}
