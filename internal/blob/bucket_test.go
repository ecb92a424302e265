package blob

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeS3 stands for S3 under the SDK: objects in memory, with If-None-Match as S3 documents it.
type fakeS3 struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string][]byte
	types   map[string]string
	loseOne bool // the next reply is lost after the request was carried out
	refuse  int  // a status that every request gets
}

func (s *fakeS3) client() *http.Client {
	s.objects, s.types = map[string][]byte{}, map[string]string{}
	return &http.Client{Transport: s}
}

func (s *fakeS3) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	if r.URL.Scheme != "https" || r.URL.Host != "clerk.s3.us-east-1.amazonaws.com" {
		s.t.Errorf("sent to %s://%s", r.URL.Scheme, r.URL.Host)
	}
	response := s.serve(r, body)
	if s.loseOne {
		s.loseOne = false
		return nil, io.ErrUnexpectedEOF
	}
	return response, nil
}

func (s *fakeS3) serve(r *http.Request, body []byte) *http.Response {
	key := strings.TrimPrefix(r.URL.Path, "/")
	have, exists := s.objects[key]
	switch {
	case s.refuse != 0:
		return reply(s.refuse, "<Error><Code>AccessDenied</Code></Error>")
	case r.Method == http.MethodPut && exists && r.Header.Get("If-None-Match") == "*":
		return reply(http.StatusPreconditionFailed, "<Error><Code>PreconditionFailed</Code></Error>")
	case r.Method == http.MethodPut:
		s.objects[key], s.types[key] = decodeChunks(r, body), r.Header.Get("Content-Type")
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		return reply(http.StatusNoContent, "")
	case !exists:
		return reply(http.StatusNotFound, "<Error><Code>NoSuchKey</Code></Error>")
	default:
		return reply(http.StatusOK, string(have))
	}
	return reply(http.StatusOK, "")
}

// decodeChunks takes the content out of the chunks that the SDK signs over TLS: a size in hex, the bytes, a trailer.
func decodeChunks(r *http.Request, body []byte) []byte {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return body
	}
	content := []byte{}
	for {
		line, rest, found := bytes.Cut(body, []byte("\r\n"))
		var n int
		if _, err := fmt.Sscanf(string(line), "%x", &n); err != nil || !found || n == 0 {
			return content
		}
		content, body = append(content, rest[:n]...), rest[n+2:]
	}
}

func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/xml"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// The SDK repeats a put whose reply was lost; the repetition finds its own content and is no error.
func TestALostReplyOfAPut(t *testing.T) {
	s := &fakeS3{t: t}
	b := bucket(s)
	s.loseOne = true
	put(t, b, "f/1.pdf", []byte("content"))
	holds(t, b, "f/1.pdf", []byte("content"))
	want := map[string]string{"f/1.pdf": "application/pdf"}
	if diff := cmp.Diff(want, s.types); diff != "" {
		t.Errorf("content types (-want +got):\n%s", diff)
	}
}

func TestARefusalIsNotAnAbsence(t *testing.T) {
	s := &fakeS3{t: t}
	b := bucket(s)
	s.refuse = http.StatusForbidden
	_, getErr := b.Get(t.Context(), "k")
	for what, err := range map[string]error{"get": getErr, "put": b.Put(t.Context(), "k", nil), "delete": b.Delete(t.Context(), "k")} {
		if err == nil || errors.Is(err, ErrAbsent) || errors.Is(err, ErrExists) {
			t.Errorf("%s that is refused: %v", what, err)
		}
	}
}
