package outbound

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARequestIsSeenWholeAndArrivesWhole(t *testing.T) {
	var arrived string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived = r.Header.Get("X-Key") + string(body)
	}))
	defer server.Close()
	var seen string
	stop := Watch(func(s Sent) { seen += string(s.Bytes) })
	request, _ := http.NewRequest(http.MethodPost, server.URL+"/charges?expand=card", strings.NewReader("amount=12000"))
	request.Header.Set("X-Key", "k1")
	response, err := Client(0).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if arrived != "k1amount=12000" {
		t.Errorf("arrived: %q", arrived)
	}
	for _, part := range []string{"POST ", "/charges?expand=card", "X-Key: k1", "amount=12000"} {
		if !strings.Contains(seen, part) {
			t.Errorf("not seen: %q in %q", part, seen)
		}
	}
	stop()
	seen = ""
	if response, err = Client(0).Get(server.URL); err == nil {
		_ = response.Body.Close()
	}
	if err != nil || seen != "" {
		t.Errorf("after stop: saw %q, %v", seen, err)
	}
}

func TestWhatIsWrittenToADialledConnectionIsSeen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var seen Sent
	defer Watch(func(s Sent) { seen = Sent{s.Network, s.Address, append([]byte(nil), s.Bytes...)} })()
	conn, err := Dial(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("EHLO localhost\r\n")); err != nil {
		t.Fatal(err)
	}
	if string(seen.Bytes) != "EHLO localhost\r\n" || seen.Address != listener.Addr().String() || seen.Network != "tcp" {
		t.Errorf("saw %+v", seen)
	}
}
