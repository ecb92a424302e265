package site

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func from(remote string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://clerk.test/x", nil)
	r.RemoteAddr = remote
	return r
}

func TestAPlaceIsWhatOnePartyControls(t *testing.T) {
	same := [][]string{
		{"192.0.2.1:1", "192.0.2.1:65535", "192.0.2.1", "[::ffff:192.0.2.1]:7"},
		{"[2001:db8::1]:1", "[2001:db8::ffff:2]:9", "2001:db8::3", "[2001:db8::4%eth0]:1"},
		{"", "@", "pipe", "[2001:db8::1"},
	}
	seen := map[string]int{}
	for i, list := range same {
		for _, remote := range list {
			place := Place(from(remote)).String()
			if other, known := seen[place]; known && other != i {
				t.Errorf("%q is the place %s of %q", remote, place, same[other][0])
			}
			seen[place] = i
		}
	}
	if len(seen) != len(same) || Place(from("192.0.2.2:1")) == Place(from("192.0.2.1:1")) || Place(from("[2001:db8:0:1::1]:1")) == Place(from("[2001:db8::1]:1")) {
		t.Error(seen)
	}
}

// TestAForwardingHeaderMovesNobody: whoever could write it could be everywhere.
func TestAForwardingHeaderMovesNobody(t *testing.T) {
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "True-Client-Ip", "Cf-Connecting-Ip"} {
		r := from("192.0.2.1:1")
		r.Header.Set(name, "198.51.100.7")
		if Place(r) != Place(from("192.0.2.1:2")) {
			t.Errorf("%s moved it to %s", name, Place(r))
		}
	}
}

func TestAPlaceThatAsksTooOftenWaitsAndNobodyElseDoes(t *testing.T) {
	served := 0
	b := newBench(t, "https://clerk.test",
		Route{Method: "GET", Path: "/x", Who: Anyone, Limit: 3, Serve: func(http.ResponseWriter, *http.Request) error { served++; return nil }},
		Route{Method: "GET", Path: "/free", Who: Anyone, Serve: func(http.ResponseWriter, *http.Request) error { return nil }},
	)
	now := b.Now()
	for _, brake := range b.brakes {
		brake.Now = func() time.Time { return now }
	}
	for i := range 5 {
		r := from(fmt.Sprint("192.0.2.1:", 1000+i))
		r.Header.Set("X-Forwarded-For", fmt.Sprint("198.51.100.", i))
		w := b.do(r)
		if want := map[bool]int{true: 200, false: 429}[i < 3]; w.Code != want || (w.Header().Get("Retry-After") == "61") != (want == 429) {
			t.Errorf("%d: %d, Retry-After %q", i, w.Code, w.Header().Get("Retry-After"))
		}
	}
	if w := b.do(from("192.0.2.2:1")); w.Code != 200 || served != 4 {
		t.Error("another place:", w.Code, served)
	}
	free := from("192.0.2.1:1")
	free.URL.Path = "/free"
	if w := b.do(free); w.Code != 200 {
		t.Error("another route:", w.Code)
	}
	now = now.Add(time.Minute)
	if w := b.do(from("192.0.2.1:9")); w.Code != 200 {
		t.Error("a minute later:", w.Code)
	}
}

func TestWhatABrakeRemembersIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	b := &Brake{Now: func() time.Time { return now }, Free: 1}
	for i := range maxPlaces + 50 {
		b.Count(Place(from(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255))))
	}
	if n := len(b.counts); n > maxPlaces {
		t.Error(n)
	}
	if b.Wait(Place(from("10.0.0.1:1"))) != 0 {
		t.Error("asking how long is no asking")
	}
}
