package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Gateway answers the HTTP API's events (payload format 2.0) with a handler. Headers arrive as they were sent: the
// known adapter takes each apart at its commas, after which no webhook's signature fits, and prints paths, which hold
// payers' tokens, when it can't read them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type Gateway struct{ Handler http.Handler }

var errEvent = errors.New("web: an event that is no HTTP request")

// Handle answers an event. Its error is the event's: none that a handler had.
func (g Gateway) Handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	request, err := read(ctx, event)
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	answer := &recorder{header: http.Header{}}
	g.Handler.ServeHTTP(answer, request)
	return answer.event(), nil
}

// read makes the request of an event. What is wrong with it is not said: it holds tokens.
func read(ctx context.Context, event events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return nil, fmt.Errorf("%w: its body", errEvent)
		}
	}
	target := event.RawPath
	if event.RawQueryString != "" {
		target += "?" + event.RawQueryString
	}
	address, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, fmt.Errorf("%w: its path", errEvent)
	}
	from := event.RequestContext
	request, err := http.NewRequestWithContext(ctx, from.HTTP.Method, "https://"+from.DomainName, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: its method or host", errEvent)
	}
	address.Scheme, address.Host = "https", from.DomainName
	request.URL, request.RequestURI = address, target
	request.RemoteAddr = net.JoinHostPort(from.HTTP.SourceIP, "0") // a port is not told
	for name, value := range event.Headers {
		request.Header.Set(name, value)
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
		request.Header.Del("Host")
	}
	if len(event.Cookies) > 0 {
		request.Header.Set("Cookie", strings.Join(event.Cookies, "; "))
	}
	return request, nil
}

// recorder keeps an answer until it is whole.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

var _ io.Writer = (*recorder)(nil)

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// event is the answer as the gateway wants it: one value for each header, and cookies apart.
func (r *recorder) event() events.APIGatewayV2HTTPResponse {
	r.WriteHeader(http.StatusOK)
	answer := events.APIGatewayV2HTTPResponse{StatusCode: r.status, Headers: map[string]string{}, Body: r.body.String(), Cookies: r.sent.Values("Set-Cookie")}
	for name, values := range r.sent {
		if name != "Set-Cookie" {
			answer.Headers[name] = strings.Join(values, ", ")
		}
	}
	if !utf8.Valid(r.body.Bytes()) {
		answer.Body, answer.IsBase64Encoded = base64.StdEncoding.EncodeToString(r.body.Bytes()), true
	}
	return answer
}
