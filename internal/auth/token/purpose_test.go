package token

import (
	"bytes"
	"testing"
)

// Even a payload that would fit is nothing under another purpose.
func TestThePurposeIsPartOfWhatIsSigned(t *testing.T) {
	ts := &Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}}
	if _, _, err := ts.OpenPay(ts.sign(accessPurpose, pay{"f", "i"})); err == nil {
		t.Fatal("opened")
	}
}
