//go:build browser

package local

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

const (
	amazonHost   = "pitangui.amazon.com"
	certificates = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem"
	vendor       = "M2VENDOR"
	clientSecret = "what+Amazon/was=given"
)

// amazon is what Alexa does beside us: the page that ends account linking, the calls for tokens, and requests to the
// skill that are signed as Alexa signs them.
type amazon struct {
	*oauth2.Config
	*testing.T
	clock  *firmtest.Clock
	server *httptest.Server
	site   string          // ours, as it is configured at Amazon
	told   chan url.Values // what the redirect address was told
	key    *rsa.PrivateKey
	chain  []byte
	roots  *x509.CertPool
}

func newAmazon(t *testing.T, clock *firmtest.Clock) *amazon {
	t.Helper()
	a := &amazon{T: t, clock: clock, told: make(chan url.Values, 1)}
	a.server = httptest.NewTLSServer(http.HandlerFunc(a.linked))
	t.Cleanup(a.server.Close)
	a.certify()
	return a
}

// linked is the page in the Alexa app.
func (a *amazon) linked(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/skill/link/"+vendor {
		http.NotFound(w, r)
		return
	}
	a.told <- r.URL.Query()
	fmt.Fprint(w, "<!doctype html><title>Alexa</title><p>Your account has been linked.")
}

// certify makes the certificate that signs Alexa's requests.
func (a *amazon) certify() {
	a.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		a.Fatal(err)
	}
	now := a.clock.Now()
	own := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "echo-api.amazon.com"}, DNSNames: []string{"echo-api.amazon.com"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &own, &own, key.Public(), key)
	if err != nil {
		a.Fatal(err)
	}
	a.key, a.chain, a.roots = key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), x509.NewCertPool()
	a.roots.AppendCertsFromPEM(a.chain)
}

// verifier believes this Amazon.
func (a *amazon) verifier() *alexa.Verifier {
	return &alexa.Verifier{Client: &http.Client{Transport: a}, Roots: a.roots, Now: a.clock.Now}
}

// RoundTrip serves the certificate.
func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.String() != certificates {
		return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Request: r}, nil
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(a.chain)), Request: r}, nil
}

// clientOf is how the skill's account linking is configured at Amazon, for a site.
func (a *amazon) clientOf(site string) {
	a.site = site
	a.Config = &oauth2.Config{
		ClientID: "alexa", ClientSecret: clientSecret, RedirectURL: "https://" + amazonHost + "/api/skill/link/" + vendor, Scopes: []string{"voice"},
		Endpoint: oauth2.Endpoint{AuthURL: site + "/oauth/authorize", TokenURL: site + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader},
	}
}

// device is an Echo of an account with an access token.
func (a *amazon) device(h *house, access string) *talk.Conversation {
	a.Helper()
	model, err := infra.Model("en-US")
	if err != nil {
		a.Fatal(err)
	}
	c, err := talk.New(model, a.sender(h.URL), talk.Options{
		ApplicationID: h.Config.SkillID, UserID: "amzn1.ask.account.BEN", DeviceID: "amzn1.ask.device.BEN", AccessToken: access,
		Now: a.clock.Now, NewID: app.NewID,
	})
	if err != nil {
		a.Fatal(err)
	}
	return c
}

// sender posts requests to the skill, signed.
func (a *amazon) sender(site string) talk.Send {
	return func(ctx context.Context, request []byte) ([]byte, error) {
		sum := sha256.Sum256(request)
		signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
		if err != nil {
			return nil, err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, site+"/alexa", bytes.NewReader(request))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Signature-256", base64.StdEncoding.EncodeToString(signature))
		r.Header.Set("SignatureCertChainUrl", certificates)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", answer.Status, body)
		}
		return body, err
	}
}

// hears says a sentence and wants the answer to hold some words.
func (a *amazon) hears(c *talk.Conversation, sentence, want string) talk.Exchange {
	a.Helper()
	x, err := c.Say(a.Context(), sentence)
	if err != nil {
		a.Fatal(err)
	}
	if !bytes.Contains([]byte(x.Speech), []byte(want)) {
		a.Fatalf("%q was answered %q, without %q", sentence, x.Speech, want)
	}
	return x
}
