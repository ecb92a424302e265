package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// Flags of an authenticator's data, WebAuthn level 3 §6.1.
const (
	present  = 0x01
	verified = 0x04
	made     = 0x40
)

// device is an authenticator with one key, and the browser in front of it. Its fields may be bent.
type device struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32
	synced bool // kept by a cloud, which counts nothing
	flags  byte
	origin string
	host   string
}

func newDevice(t *testing.T) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	rand.Read(id)
	return &device{t: t, key: key, id: id, flags: present | verified, origin: "https://clerk.test", host: "clerk.test"}
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (d *device) encode(value any) []byte {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := mode.Marshal(value)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *device) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return b
}

func (d *device) data(flags byte) []byte {
	host := sha256.Sum256([]byte(d.host))
	return binary.BigEndian.AppendUint32(append(host[:], flags), d.count)
}

func (d *device) answer(response map[string]any) string {
	b, _ := json.Marshal(map[string]any{
		"id": text(d.id), "rawId": text(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	return string(b)
}

// create makes the key for whom the options name.
func (d *device) create(options []byte) string {
	d.t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	d.handle, _ = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	x, y := make([]byte, 32), make([]byte, 32)
	public := d.encode(map[int]any{1: 2, 3: -7, -1: 1, -2: d.key.X.FillBytes(x), -3: d.key.Y.FillBytes(y)})
	data := append(d.data(d.flags|made), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), public...)
	object := d.encode(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	return d.answer(map[string]any{"clientDataJSON": text(d.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": text(object)})
}

// get answers a challenge with the key.
func (d *device) get(options []byte) string {
	d.t.Helper()
	var o struct{ PublicKey struct{ Challenge string } }
	if err := json.Unmarshal(options, &o); err != nil {
		d.t.Fatal(err)
	}
	return d.sign(o.PublicKey.Challenge)
}

func (d *device) sign(challenge string) string {
	if !d.synced {
		d.count++
	}
	data, client := d.data(d.flags), d.client("webauthn.get", challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{
		"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature), "userHandle": text(d.handle),
	})
}

// keyed opens a firm in which Ada has a password and a device with a passkey.
func keyed(t *testing.T) (*firmtest.Office, *auth.Desk, *device) {
	t.Helper()
	o, d := staffed(t)
	d.Base = &url.URL{Scheme: "https", Host: "clerk.test"}
	key := newDevice(t)
	give(t, o, d, o.Admin, key)
	return o, d, key
}

func give(t *testing.T, o *firmtest.Office, d *auth.Desk, c firm.Caller, key *device) {
	t.Helper()
	options, err := d.NewPasskey(t.Context(), o.Ask(c), home)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddPasskey(t.Context(), o.Ask(c), home, "Work phone", key.create(options)); err != nil {
		t.Fatal(err)
	}
}

func challenge(t *testing.T, d *auth.Desk) []byte {
	t.Helper()
	options, err := d.PasskeyChallenge(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	return options
}
