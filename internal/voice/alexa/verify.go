package alexa

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
)

// Verifier proves that a request over HTTP comes from Alexa and is fresh, by Amazon's rules for self-hosted skills:
// the signature over the raw body, the certificate's address, chain, name and dates, and the timestamp. Lambda needs
// none of it: AWS lets nobody else call.
type Verifier struct {
	Client *http.Client     // fetches Amazon's certificate
	Roots  *x509.CertPool   // nil: the system's
	Now    func() time.Time // UTC

	mu     sync.Mutex
	leaves map[string]leaf // by address
}

// leaf is a certificate whose chain was verified, believed until the first certificate of the chain expires or a day
// has gone by.
type leaf struct {
	key   *rsa.PublicKey
	until time.Time
}

const (
	signer       = "echo-api.amazon.com"
	freshness    = 150 * time.Second // Amazon's bound for requests
	freshEvents  = time.Hour         // and for skill events, which are delivered again
	maxChain     = 64 << 10          // bytes of a certificate chain
	maxRemember  = 16                // addresses; Amazon uses one at a time
	rememberFor  = 24 * time.Hour
	eventsPrefix = "AlexaSkillEvent."
)

// ErrNotAlexa is returned for every failed proof; the cause says which.
var ErrNotAlexa = fault.New(fault.Unauthenticated, "alexa.signature", "That request was not signed by Alexa.")

// Wrap lets only verified requests through to next, which can still read the body.
func (v *Verifier) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := readBody(w, r)
		if err == nil {
			err = v.Verify(r.Context(), r.Header, body)
		}
		if err != nil {
			http.Error(w, "not verified", status(err))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// Verify checks headers and raw body of a request. Errors: ErrNotAlexa, ErrMalformed.
func (v *Verifier) Verify(ctx context.Context, h http.Header, body []byte) error {
	r, err := decode(body)
	if err != nil {
		return err
	}
	if err := v.fresh(r); err != nil {
		return ErrNotAlexa.Because(err)
	}
	if err := v.signed(ctx, h, body); err != nil {
		return ErrNotAlexa.Because(err)
	}
	return nil
}

func (v *Verifier) fresh(r *Request) error {
	bound := freshness
	if strings.HasPrefix(r.Body.Type, eventsPrefix) {
		bound = freshEvents
	}
	if age := v.Now().Sub(r.Body.Timestamp.Time).Abs(); age > bound {
		return fmt.Errorf("timestamp is %s off", age.Round(time.Second))
	}
	return nil
}

func (v *Verifier) signed(ctx context.Context, h http.Header, body []byte) error {
	signature, err := base64.StdEncoding.DecodeString(h.Get("Signature-256"))
	if err != nil || len(signature) == 0 {
		return errors.New("no signature")
	}
	address, err := certificateURL(h.Get("SignatureCertChainUrl"))
	if err != nil {
		return err
	}
	key, err := v.key(ctx, address)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(body)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
}

// certificateURL accepts only the place where Amazon keeps its certificates, after dots in the path are resolved.
func certificateURL(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("certificate address unreadable")
	}
	u.Path = path.Clean(u.Path)
	switch {
	case !strings.EqualFold(u.Scheme, "https"), u.User != nil, u.RawQuery != "", u.Fragment != "",
		!strings.EqualFold(u.Hostname(), "s3.amazonaws.com"),
		u.Port() != "" && u.Port() != "443",
		!strings.HasPrefix(u.Path, "/echo.api/"):
		return "", errors.New("certificate address not Amazon's")
	}
	return "https://s3.amazonaws.com" + u.EscapedPath(), nil
}

// key returns the verified public key of an address, fetched once a day at most.
func (v *Verifier) key(ctx context.Context, address string) (*rsa.PublicKey, error) {
	v.mu.Lock()
	known, ok := v.leaves[address]
	v.mu.Unlock()
	if ok && v.Now().Before(known.until) {
		return known.key, nil
	}
	chain, err := v.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	fresh, err := v.trust(chain)
	if err != nil {
		return nil, err
	}
	v.remember(address, fresh)
	return fresh.key, nil
}

func (v *Verifier) remember(address string, l leaf) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.leaves == nil || len(v.leaves) >= maxRemember {
		v.leaves = make(map[string]leaf)
	}
	v.leaves[address] = l
}

func (v *Verifier) fetch(ctx context.Context, address string) (certificates []*x509.Certificate, err error) {
	defer fault.Wrap(&err, "fetch certificate")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := v.Client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK || response.Request.URL.String() != address {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxChain))
	if err != nil {
		return nil, err
	}
	return parseChain(data)
}

func parseChain(data []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("no certificate")
	}
	return chain, nil
}

// trust verifies name, dates and chain of the first certificate.
func (v *Verifier) trust(chain []*x509.Certificate) (leaf, error) {
	others := x509.NewCertPool()
	for _, c := range chain[1:] {
		others.AddCert(c)
	}
	verified, err := chain[0].Verify(x509.VerifyOptions{DNSName: signer, Roots: v.Roots, Intermediates: others, CurrentTime: v.Now()})
	if err != nil {
		return leaf{}, err
	}
	key, ok := chain[0].PublicKey.(*rsa.PublicKey)
	if !ok {
		return leaf{}, errors.New("certificate's key is not RSA")
	}
	until := v.Now().Add(rememberFor)
	for _, c := range verified[0] {
		if c.NotAfter.Before(until) {
			until = c.NotAfter
		}
	}
	return leaf{key, until}, nil
}
