package alexa_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

const goodURL = "https://s3.amazonaws.com/echo.api/echo-api-cert-12.pem"

// authority issues certificates as Amazon's does: a root, one in between, and Alexa's.
type authority struct {
	root, middle *x509.Certificate
	rootKey, key *rsa.PrivateKey
}

// keys are made once: making them is slow.
var keys = sync.OnceValue(func() (k [3]*rsa.PrivateKey) {
	for i := range k {
		k[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return k
})

func newAuthority(t *testing.T, now time.Time) *authority {
	t.Helper()
	a := &authority{rootKey: keys()[0], key: keys()[1]}
	ca := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.root = issue(t, ca, &ca, a.rootKey.Public(), a.rootKey)
	ca.SerialNumber, ca.Subject.CommonName = big.NewInt(2), "middle"
	a.middle = issue(t, ca, a.root, a.key.Public(), a.rootKey)
	return a
}

func issue(t *testing.T, template x509.Certificate, parent *x509.Certificate, key crypto.PublicKey, signer *rsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, key, signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// leaf issues Alexa's certificate, changed by change, and returns the chain as a file.
func (a *authority) leaf(t *testing.T, now time.Time, key crypto.PublicKey, change func(*x509.Certificate)) []byte {
	t.Helper()
	template := x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "echo-api.amazon.com"},
		DNSNames: []string{"echo-api.amazon.com"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if change != nil {
		change(&template)
	}
	var file bytes.Buffer
	for _, c := range []*x509.Certificate{issue(t, template, a.middle, key, a.key), a.middle} {
		if err := pem.Encode(&file, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

// amazon serves certificates by address and counts how often it is asked.
type amazon struct {
	files map[string][]byte
	asked int
}

func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked++
	file, ok := a.files[r.URL.String()]
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(file)), Request: r}, nil
}

// post is a signed request that can be spoilt before it is verified.
type post struct {
	verifier  *alexa.Verifier
	amazon    *amazon
	authority *authority
	clock     *firmtest.Clock
	header    http.Header
	body      []byte
}

func signedPost(t *testing.T) *post {
	t.Helper()
	p := &post{clock: firmtest.NewClock(), header: http.Header{}, body: []byte(`{"request":{"type":"LaunchRequest","timestamp":"2026-11-23T15:00:00Z"}}`)}
	p.authority = newAuthority(t, p.clock.Now())
	p.amazon = &amazon{files: map[string][]byte{goodURL: p.authority.leaf(t, p.clock.Now(), keys()[2].Public(), nil)}}
	pool := x509.NewCertPool()
	pool.AddCert(p.authority.root)
	p.verifier = &alexa.Verifier{Client: &http.Client{Transport: p.amazon}, Roots: pool, Now: p.clock.Now}
	p.header.Set("SignatureCertChainUrl", goodURL)
	p.sign(t)
	return p
}

func (p *post) sign(t *testing.T) {
	t.Helper()
	digest := sha256.Sum256(p.body)
	signature, err := rsa.SignPKCS1v15(rand.Reader, keys()[2], crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	p.header.Set("Signature-256", base64.StdEncoding.EncodeToString(signature))
}

func (p *post) verify() error { return p.verifier.Verify(context.Background(), p.header, p.body) }

func TestWhatAlexaSignedIsLetInAndTheCertificateFetchedOnce(t *testing.T) {
	p := signedPost(t)
	for range 3 {
		if err := p.verify(); err != nil {
			t.Fatal(err)
		}
	}
	if p.amazon.asked != 1 {
		t.Errorf("the certificate was fetched %d times", p.amazon.asked)
	}
}

func TestWhatAlexaDidNotSignIsKeptOut(t *testing.T) {
	spoil := map[string]func(t *testing.T, p *post){
		"body changed":         func(_ *testing.T, p *post) { p.body = bytes.ReplaceAll(p.body, []byte("Launch"), []byte("Lauhch")) },
		"no signature":         func(_ *testing.T, p *post) { p.header.Del("Signature-256") },
		"signature not base64": func(_ *testing.T, p *post) { p.header.Set("Signature-256", "!") },
		"another's signature": func(_ *testing.T, p *post) {
			p.header.Set("Signature-256", base64.StdEncoding.EncodeToString(make([]byte, 256)))
		},
		"only the old header": func(_ *testing.T, p *post) {
			p.header.Set("Signature", p.header.Get("Signature-256"))
			p.header.Del("Signature-256")
		},
		"no certificate there": func(_ *testing.T, p *post) { p.amazon.files = nil },
		"no certificate in it": func(_ *testing.T, p *post) { p.amazon.files[goodURL] = []byte("hello") },
		"broken certificate": func(_ *testing.T, p *post) {
			p.amazon.files[goodURL] = []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
		},
		"timestamp old":     func(_ *testing.T, p *post) { p.clock.Advance(151 * time.Second) },
		"timestamp ahead":   func(_ *testing.T, p *post) { p.clock.Advance(-151 * time.Second) },
		"timestamp missing": func(t *testing.T, p *post) { p.body = []byte(`{"request":{"type":"LaunchRequest"}}`); p.sign(t) },
		"certificate expired": func(t *testing.T, p *post) {
			p.leaf(t, func(c *x509.Certificate) { c.NotAfter = p.clock.Now().Add(-time.Second) })
		},
		"certificate not yet": func(t *testing.T, p *post) {
			p.leaf(t, func(c *x509.Certificate) { c.NotBefore = p.clock.Now().Add(time.Minute) })
		},
		"certificate another's": func(t *testing.T, p *post) {
			p.leaf(t, func(c *x509.Certificate) { c.DNSNames = []string{"echo-api.amazon.com.evil.test"} })
		},
		"name only as subject": func(t *testing.T, p *post) { p.leaf(t, func(c *x509.Certificate) { c.DNSNames = nil }) },
		"root unknown":         func(_ *testing.T, p *post) { p.verifier.Roots = x509.NewCertPool() },
		"key of another kind": func(t *testing.T, p *post) {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			p.amazon.files[goodURL] = p.authority.leaf(t, p.clock.Now(), key.Public(), nil)
		},
	}
	for name, spoil := range spoil {
		t.Run(name, func(t *testing.T) {
			p := signedPost(t)
			spoil(t, p)
			if err := p.verify(); !errors.Is(err, alexa.ErrNotAlexa) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func (p *post) leaf(t *testing.T, change func(*x509.Certificate)) {
	t.Helper()
	p.amazon.files[goodURL] = p.authority.leaf(t, p.clock.Now(), keys()[2].Public(), change)
}

// The addresses are those of Amazon's documentation, and more of the same kinds.
func TestOnlyAmazonsPlaceIsAskedForCertificates(t *testing.T) {
	good := []string{goodURL, "https://s3.amazonaws.com:443/echo.api/echo-api-cert-12.pem", "HTTPS://S3.amazonaws.com/echo.api/echo-api-cert-12.pem",
		"https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert-12.pem"}
	for _, address := range good {
		p := signedPost(t)
		p.header.Set("SignatureCertChainUrl", address)
		if err := p.verify(); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	bad := []string{"", "http://s3.amazonaws.com/echo.api/echo-api-cert-12.pem", "https://notamazon.com/echo.api/echo-api-cert-12.pem",
		"https://s3.amazonaws.com/EcHo.aPi/echo-api-cert-12.pem", "https://s3.amazonaws.com/invalid.path/echo-api-cert-12.pem",
		"https://s3.amazonaws.com:563/echo.api/echo-api-cert-12.pem", "https://s3.amazonaws.com/echo.api/../evil/echo-api-cert-12.pem",
		"https://s3.amazonaws.com/echo.api/%2e%2e/evil/cert.pem", "https://s3.amazonaws.com/echo.api", "https://s3.amazonaws.com.evil.test/echo.api/cert.pem",
		"https://evil.test@s3.amazonaws.com/echo.api/cert.pem", "https://s3.amazonaws.com/echo.api/cert.pem?versionId=1", "::"}
	for _, address := range bad {
		p := signedPost(t)
		p.header.Set("SignatureCertChainUrl", address)
		if err := p.verify(); !errors.Is(err, alexa.ErrNotAlexa) || p.amazon.asked != 0 {
			t.Errorf("%s: %v, asked %d times", address, err, p.amazon.asked)
		}
	}
}

func TestACertificateThatExpiredSinceIsFetchedAnew(t *testing.T) {
	p := signedPost(t)
	p.leaf(t, func(c *x509.Certificate) { c.NotAfter = p.clock.Now().Add(time.Minute) })
	if err := p.verify(); err != nil {
		t.Fatal(err)
	}
	p.clock.Advance(2 * time.Minute)
	if err := p.verify(); !errors.Is(err, alexa.ErrNotAlexa) || p.amazon.asked != 2 {
		t.Errorf("%v after %d fetches", err, p.amazon.asked)
	}
}

func TestSkillEventsMayBeAnHourLate(t *testing.T) {
	p := signedPost(t)
	p.body = []byte(`{"request":{"type":"AlexaSkillEvent.SkillDisabled","timestamp":"2026-11-23T14:01:00Z"}}`)
	p.sign(t)
	if err := p.verify(); err != nil {
		t.Error(err)
	}
	p.clock.Advance(2 * time.Minute)
	if err := p.verify(); !errors.Is(err, alexa.ErrNotAlexa) {
		t.Errorf("got %v", err)
	}
}

func TestTheWrapperLetsNothingThroughUnverified(t *testing.T) {
	p := signedPost(t)
	var reached []byte
	server := p.verifier.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached, _ = io.ReadAll(r.Body) }))
	call := func(method string, body []byte) int {
		reached = nil
		r := httptest.NewRequest(method, "/alexa", bytes.NewReader(body))
		r.Header = p.header
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w.Code
	}
	if code := call("POST", p.body); code != 200 || !bytes.Equal(reached, p.body) {
		t.Errorf("a good request: %d, %q", code, reached)
	}
	for name, c := range map[string]struct {
		method string
		body   []byte
		want   int
	}{
		"tampered":  {"POST", append([]byte(" "), p.body...), 400},
		"too large": {"POST", []byte(strings.Repeat(" ", alexa.MaxRequest+1)), 413},
		"get":       {"GET", p.body, 405},
		"no JSON":   {"POST", []byte("{"), 400},
	} {
		if code := call(c.method, c.body); code != c.want || reached != nil {
			t.Errorf("%s: %d, reached %q", name, code, reached)
		}
	}
}
