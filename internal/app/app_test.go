package app

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestKeysAreBase64OfEnoughBytes(t *testing.T) {
	long := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	keys, err := Keys(long + ", " + long)
	if err != nil || len(keys) != 2 || string(keys[1]) != strings.Repeat("k", 32) {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	for _, bad := range []string{"", "secret", base64.StdEncoding.EncodeToString([]byte("short")), long + ","} {
		if _, err := Keys(bad); err == nil {
			t.Errorf("%q was taken for a key", bad)
		}
	}
}
