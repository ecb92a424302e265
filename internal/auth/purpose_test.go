package auth

import (
	"bytes"
	"testing"
)

// Even a payload that would fit is nothing under another purpose.
func TestThePurposeIsPartOfWhatIsSigned(t *testing.T) {
	ts := &Tokens{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}}
	if _, _, err := ts.OpenPay(ts.sign(accessPurpose, pay{"f", "i"})); err == nil {
		t.Fatal("opened")
	}
}
