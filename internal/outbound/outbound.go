// Package outbound is the one place that opens connections: HTTP and plain dialling, so SMTP too. Whatever leaves
// the process leaves here and can be watched in the clear, which is how the promise that no outside party learns
// the firm's clients is tested. A test of the house finds any other way out.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Sent is something that left, as it was before encryption.
type Sent struct {
	Network string // "http", or the network that was dialled: "tcp"
	Address string // host and port
	Bytes   []byte // an HTTP request with its line, headers and body; or what was written to a connection
}

// Client returns an HTTP client whose every request can be watched. A timeout of zero leaves it to the context.
func Client(timeout time.Duration) *http.Client {
	return &http.Client{Transport: Transport(), Timeout: timeout}
}

// Transport is the round tripper behind Client, shared so that connections are reused.
func Transport() http.RoundTripper { return watched{shared} }

var dialer = &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}

var shared = &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           dialer.DialContext,
	ForceAttemptHTTP2:     true,
	MaxIdleConns:          64,
	MaxIdleConnsPerHost:   16,
	IdleConnTimeout:       90 * time.Second,
	TLSHandshakeTimeout:   5 * time.Second,
	ExpectContinueTimeout: time.Second,
}

// Dial opens a connection whose written bytes can be watched.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, network: network, address: address}, nil
}

// Watch calls f for everything that leaves until stop is called. f is called on the sender's goroutine and must not
// keep Bytes.
func Watch(f func(Sent)) (stop func()) {
	watchers.mu.Lock()
	defer watchers.mu.Unlock()
	w := &f
	watchers.list = append(watchers.list, w)
	return func() {
		watchers.mu.Lock()
		defer watchers.mu.Unlock()
		for i, have := range watchers.list {
			if have == w {
				watchers.list = append(watchers.list[:i:i], watchers.list[i+1:]...)
				return
			}
		}
	}
}

var watchers struct {
	mu   sync.RWMutex
	list []*func(Sent)
}

func watching() bool {
	watchers.mu.RLock()
	defer watchers.mu.RUnlock()
	return len(watchers.list) > 0
}

func tell(s Sent) {
	watchers.mu.RLock()
	defer watchers.mu.RUnlock()
	for _, f := range watchers.list {
		(*f)(s)
	}
}

type watched struct{ next http.RoundTripper }

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	if !watching() {
		return w.next.RoundTrip(r)
	}
	body, err := take(r)
	if err != nil {
		return nil, err
	}
	var dump bytes.Buffer
	dump.WriteString(r.Method + " " + r.URL.String() + "\r\n")
	_ = r.Header.Write(&dump) // a bytes.Buffer takes everything
	dump.WriteString("\r\n")
	dump.Write(body)
	tell(Sent{Network: "http", Address: r.URL.Host, Bytes: dump.Bytes()})
	if r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return w.next.RoundTrip(r)
}

func take(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if closeErr := r.Body.Close(); err == nil {
		err = closeErr
	}
	return body, err
}

type watchedConn struct {
	net.Conn
	network, address string
}

func (c *watchedConn) Write(b []byte) (int, error) {
	if watching() {
		tell(Sent{Network: c.network, Address: c.address, Bytes: b})
	}
	return c.Conn.Write(b)
}

// DialTLS opens a TLS connection; what is written to it is watched before it is encrypted.
func DialTLS(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	d := &tls.Dialer{NetDialer: dialer, Config: config}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, network: network, address: address}, nil
}
