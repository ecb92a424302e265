package web

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func event(method, path string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{RawPath: path, Headers: map[string]string{"host": "pay.clerk.test"}}
	e.RequestContext.DomainName = "abc.execute-api.us-east-1.amazonaws.com"
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.SourceIP = method, "2001:db8::1"
	return e
}

func TestARequestArrivesAsItWasSent(t *testing.T) {
	e := event("POST", "/pay/a%2Fb")
	e.RawQueryString, e.Body, e.IsBase64Encoded = "back&x=1%202", "AP8=", true
	e.Headers["stripe-signature"] = "t=1,v1=a, v1=b"
	e.Headers["if-modified-since"] = "Mon, 23 Nov 2026 15:00:00 GMT"
	e.Cookies = []string{"a=1", "b=2"}
	_, err := Gateway{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a, _ := r.Cookie("a")
		b, _ := r.Cookie("b")
		for name, pair := range map[string][2]string{
			"method": {r.Method, "POST"}, "path": {r.URL.Path, "/pay/a/b"}, "escaped path": {r.URL.EscapedPath(), "/pay/a%2Fb"},
			"query": {r.FormValue("x"), "1 2"}, "body": {string(body), "\x00\xff"}, "host": {r.Host, "pay.clerk.test"}, "from": {r.RemoteAddr, "[2001:db8::1]:0"},
			"signature": {strings.Join(r.Header.Values("Stripe-Signature"), "|"), "t=1,v1=a, v1=b"},
			"date":      {r.Header.Get("If-Modified-Since"), "Mon, 23 Nov 2026 15:00:00 GMT"}, "cookies": {a.Value + b.Value, "12"},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %q, want %q", name, pair[0], pair[1])
			}
		}
	})}.Handle(t.Context(), e)
	if err != nil {
		t.Error(err)
	}
}

func TestAnAnswerArrivesWhole(t *testing.T) {
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  events.APIGatewayV2HTTPResponse
	}{
		"text": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-A", "1")
			w.Header().Add("Vary", "A")
			w.Header().Add("Vary", "B")
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
			w.WriteHeader(http.StatusNotFound)
			w.Header().Set("X-A", "too late")
			_, _ = io.WriteString(w, "nö")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 404, Body: "nö", Headers: map[string]string{"X-A": "1", "Vary": "A, B"}, Cookies: []string{"a=1", "b=2"}}},
		"bytes":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0, 255}) }, events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "AP8=", IsBase64Encoded: true}},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, events.APIGatewayV2HTTPResponse{StatusCode: 200}},
	} {
		got, err := Gateway{c.serve}.Handle(t.Context(), event("GET", "/"))
		if err != nil || got.StatusCode != c.want.StatusCode || got.Body != c.want.Body || got.IsBase64Encoded != c.want.IsBase64Encoded || !slices.Equal(got.Cookies, c.want.Cookies) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		for header, value := range c.want.Headers {
			if got.Headers[header] != value {
				t.Errorf("%s: %s is %q, want %q", name, header, got.Headers[header], value)
			}
		}
	}
}

// An event that is none is refused without its path or body, which hold tokens.
func TestAnEventThatIsNoRequestIsRefusedInSilence(t *testing.T) {
	body := event("POST", "/pay/secret")
	body.Body, body.IsBase64Encoded = "secret!", true
	for name, e := range map[string]events.APIGatewayV2HTTPRequest{
		"body": body, "path": event("GET", "secret"), "escape": event("GET", "/pay/secret%zz"), "method": event("S E", "/pay/secret"), "empty": {},
	} {
		_, err := Gateway{http.NotFoundHandler()}.Handle(t.Context(), e)
		if !errors.Is(err, errEvent) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
