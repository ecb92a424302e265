package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"
)

// The values are RFC 6238's, appendix B, cut to six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	key := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totp(key, stepAt(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestACodeCountsOneStepAroundNowAndOnlyAfterTheLast(t *testing.T) {
	key, now := newKey(), time.Unix(1_800_000_000, 0)
	for by := int64(-3); by <= 3; by++ {
		step := stepAt(now) + by
		got, ok := stepOf(key, totp(key, step), now, 0)
		if near := by >= -1 && by <= 1; ok != near || ok && got != step {
			t.Errorf("%d steps away: %d, %v", by, got, ok)
		}
		if _, ok := stepOf(key, totp(key, step), now, step); ok {
			t.Errorf("%d steps away: a used step counts again", by)
		}
	}
}

func TestAnAppIsToldTheKeyInEachOfItsWays(t *testing.T) {
	s, err := setupOf([]byte("12345678901234567890"), "ada@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	if s.Key != "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ" {
		t.Error(s.Key)
	}
	if s.URI != "otpauth://totp/Billing%20Clerk:ada@demo.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Billing%20Clerk" {
		t.Error(s.URI)
	}
	code, err := qr.Encode(s.URI, qr.M)
	if err != nil || s.Side != code.Size+8 {
		t.Fatal(s.Side, err)
	}
	if drawn := modules(t, s.QR, code.Size); drawn != picture(code) {
		t.Error("the drawing is not the code")
	}
}

// modules reads a path back.
func modules(t *testing.T, path string, size int) string {
	t.Helper()
	dark := map[[2]int]bool{}
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "M"), "M") {
		var x, y, w, back int
		if _, err := fmt.Sscanf(part, "%d %dh%dv1h-%dz", &x, &y, &w, &back); err != nil || w != back {
			t.Fatal(part, err)
		}
		for i := range w {
			dark[[2]int{x + i - quiet, y - quiet}] = true
		}
	}
	var b strings.Builder
	for y := range size {
		for x := range size {
			fmt.Fprint(&b, map[bool]string{true: "#", false: "."}[dark[[2]int{x, y}]])
		}
	}
	return b.String()
}

func picture(code *qr.Code) string {
	var b strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			fmt.Fprint(&b, map[bool]string{true: "#", false: "."}[code.Black(x, y)])
		}
	}
	return b.String()
}

func TestADeviceIsNamedByItsFamilyAlone(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0":   "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15":           "Safari on Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile Safari/604.1": "Chrome on iPhone",
		"Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36":           "Chrome on Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0":                                                          "Firefox on Linux",
		"curl/8": "An unknown device", "": "An unknown device",
	} {
		if got := family(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
