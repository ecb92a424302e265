package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // RFC 6238's default, and the only one that every authenticator app takes
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// Codes of authenticator apps are RFC 6238's with the parameters that every app takes: HMAC-SHA-1, 30 seconds, six
// digits. A code of the step before or after counts, since clocks differ (§5.2), and none counts twice.
const (
	stepTime   = 30 * time.Second
	keySize    = 20 // bytes of a key, RFC 4226 §4 R6
	issuer     = "Billing Clerk"
	codeDigits = 6
)

var base32Key = base32.StdEncoding.WithPadding(base32.NoPadding)

func stepAt(t time.Time) int64 { return t.Unix() / int64(stepTime/time.Second) }

// totp is the code of a step, RFC 4226 §5.3.
func totp(key []byte, step int64) string {
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, step) // a hash takes everything
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%0*d", codeDigits, (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// stepOf returns the step around now whose code was given, if it is later than used.
func stepOf(key []byte, code string, now time.Time, used int64) (int64, bool) {
	for step := stepAt(now) - 1; step <= stepAt(now)+1; step++ {
		if step > used && subtle.ConstantTimeCompare([]byte(totp(key, step)), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// plainCode takes a code as people type it, "123 456".
func plainCode(code string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(strings.ToLower(strings.TrimSpace(code)))
}

// isTOTP tells a code of an app from a recovery code.
func isTOTP(code string) bool {
	return len(code) == codeDigits && strings.Trim(code, "0123456789") == ""
}

// Setup is what an authenticator app is told, once.
type Setup struct {
	Key  string // base32, in groups of four, to be typed
	URI  string // otpauth:, as RFC 6238's apps take it
	QR   string // the same as a drawing: the d of an SVG path, one unit a module
	Side int    // modules, with the quiet zone
}

const quiet = 4 // modules around a QR code, ISO/IEC 18004

func setupOf(key []byte, email string) (Setup, error) {
	text := base32Key.EncodeToString(key)
	s := Setup{URI: "otpauth://totp/" + url.PathEscape(issuer+":"+email) + "?secret=" + text + "&issuer=" + url.PathEscape(issuer)}
	for i := 0; i < len(text); i += 4 {
		s.Key += " " + text[i:min(i+4, len(text))]
	}
	s.Key = strings.TrimSpace(s.Key)
	code, err := qr.Encode(s.URI, qr.M)
	if err != nil {
		return s, fmt.Errorf("auth: draw a QR code: %w", err)
	}
	s.Side, s.QR = code.Size+2*quiet, path(code)
	return s, nil
}

// path draws each row's dark runs.
func path(code *qr.Code) string {
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return b.String()
}

func newKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key) // never fails, by its contract
	return key
}

// seal encrypts a key under the pepper, bound to its person: a copy of the database alone yields no codes.
func seal(h *firm.House, c firm.Caller, key []byte) ([]byte, error) {
	box, err := box(h)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	rand.Read(nonce)
	return box.Seal(nonce, nonce, key, []byte(c.Firm+"/"+c.Person)), nil
}

func unseal(h *firm.House, c firm.Caller, sealed []byte) ([]byte, error) {
	box, err := box(h)
	if err != nil {
		return nil, err
	}
	if len(sealed) < box.NonceSize() {
		return nil, errors.New("auth: a sealed key is cut short")
	}
	key, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte(c.Firm+"/"+c.Person))
	if err != nil {
		return nil, fmt.Errorf("auth: a key was sealed under another pepper, or for somebody else: %w", err)
	}
	return key, nil
}

func box(h *firm.House) (cipher.AEAD, error) {
	key, err := h.Hash("authenticator keys")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
