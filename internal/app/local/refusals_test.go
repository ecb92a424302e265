package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// asked is a request as Alexa writes it, with the linked account's token.
func (h *house) asked(t testing.TB, text, token string) []byte {
	t.Helper()
	var request []byte
	c := h.device(t, "", func(_ context.Context, r []byte) ([]byte, error) {
		request = r
		return []byte(`{"version":"1.0","response":{}}`), nil
	})
	c.Link(token)
	if _, err := c.Say(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	return request
}

// answers posts to the skill and returns what came of it. edit may change the request.
func (h *house) answers(method string, body []byte, edit func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, h.URL+"/alexa", bytes.NewReader(body))
	if edit != nil {
		edit(r)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// nothingHappened checks that no clock was started.
func (h *house) nothingHappened(t testing.TB) {
	t.Helper()
	r, err := h.Timesheets.Running(t.Context(), h.Demo.AdaLink)
	if err != nil || r.Clock != nil {
		t.Errorf("a clock runs: %+v, %v", r.Clock, err)
	}
}

func TestWhatMayComeFromElsewhereMustBeSigned(t *testing.T) {
	h := move(t, t.TempDir(), firmtest.NewClock(), memory.New(firmtest.NewClock().Now))
	start := h.asked(t, "start the clock for acme", h.Demo.Token())
	elsewhere := map[string]func(*http.Request){}
	for _, header := range []string{
		"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via", "CF-Connecting-IP", "True-Client-IP",
	} {
		elsewhere[header] = func(r *http.Request) { r.Header.Set(header, "127.0.0.1") }
	}
	for _, host := range []string{"clerk.example.test", "127.0.0.1.example.test:8080", "192.168.1.7:8080", "localhost.example.test", ""} {
		elsewhere["Host "+host] = func(r *http.Request) { r.Host = host }
	}
	for name, edit := range elsewhere {
		if w := h.answers(http.MethodPost, start, edit); w.Code != http.StatusBadRequest || w.Body.String() != "not verified\n" {
			t.Errorf("%s: %d, %s", name, w.Code, w.Body)
		}
	}
	h.nothingHappened(t)
	for _, host := range []string{"127.0.0.1:8080", "localhost:8080", "[::1]:8080", "localhost"} {
		if w := h.answers(http.MethodPost, start, func(r *http.Request) { r.Host = host }); w.Code != http.StatusOK {
			t.Errorf("Host %s: %d, %s", host, w.Code, w.Body)
		}
	}
}

func TestWithoutADemoEveryRequestMustBeSigned(t *testing.T) {
	h := move(t, t.TempDir(), firmtest.NewClock(), nil, "CLERK_DEMO", "0")
	if h.Demo != nil || h.Sandbox != "" {
		t.Fatal("there is a demo")
	}
	request := []byte(`{"version":"1.0","context":{"System":{"application":{"applicationId":"amzn1.ask.skill.demo"}}},` +
		`"request":{"type":"LaunchRequest","requestId":"r","timestamp":"2026-11-23T15:00:00Z","locale":"en-US"}}`)
	if w := h.answers(http.MethodPost, request, nil); w.Code != http.StatusBadRequest || w.Body.String() != "not verified\n" {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, h.URL+"/", nil))
	if strings.Contains(w.Body.String(), "start clock") {
		t.Errorf("the talk page is shown: %d, %s", w.Code, w.Body)
	}
}

func TestWhatIsNoRequestOfOurSkillIsRefused(t *testing.T) {
	h := move(t, t.TempDir(), firmtest.NewClock(), memory.New(firmtest.NewClock().Now))
	start := h.asked(t, "start the clock for acme", h.Demo.Token())
	for name, c := range map[string]struct {
		method string
		body   []byte
		want   int
	}{
		"half of it": {http.MethodPost, start[:len(start)/2], http.StatusBadRequest},
		"not JSON":   {http.MethodPost, []byte("start the clock"), http.StatusBadRequest},
		"nothing":    {http.MethodPost, nil, http.StatusBadRequest},
		"a megabyte": {http.MethodPost, append(bytes.Clone(start), bytes.Repeat([]byte(" "), 1<<20)...), http.StatusRequestEntityTooLarge},
		"read":       {http.MethodGet, nil, http.StatusMethodNotAllowed},
		"deleted":    {http.MethodDelete, start, http.StatusMethodNotAllowed},
	} {
		if w := h.answers(c.method, c.body, nil); w.Code != c.want || strings.Contains(w.Body.String(), "outputSpeech") {
			t.Errorf("%s: %d, %.200s", name, w.Code, w.Body)
		}
	}
	h.nothingHappened(t)
}

func TestADemoAnswersForAnySkillUntilItIsToldWhichIsIts(t *testing.T) {
	another := func(h *house) *httptest.ResponseRecorder {
		start := h.asked(t, "start the clock for acme", h.Demo.Token())
		return h.answers(http.MethodPost, bytes.ReplaceAll(start, []byte(h.Config.SkillID), []byte("amzn1.ask.skill.other")), nil)
	}
	clock := firmtest.NewClock()
	h := move(t, t.TempDir(), clock, memory.New(clock.Now))
	if w := another(h); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Started Acme Corporation.") {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
	told := move(t, t.TempDir(), clock, memory.New(clock.Now), "CLERK_SKILL_ID", "amzn1.ask.skill.ours")
	if w := another(told); w.Code != http.StatusForbidden || w.Body.String() != "That request is meant for another skill.\n" {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
	told.nothingHappened(t)
}

func TestATokenThatProvesNobodyAsksToLinkTheAccount(t *testing.T) {
	clock := firmtest.NewClock()
	h := move(t, t.TempDir(), clock, memory.New(clock.Now))
	another := make([]byte, 32)
	_, _ = rand.Read(another) // never fails
	foreign := &token.Signer{Keys: [][]byte{another}, Now: clock.Now}
	expired := h.tokens.Access(h.Demo.AdaLink, time.Hour)
	clock.Advance(time.Hour)
	stranger := h.Demo.AdaLink
	stranger.Grant = "0190a000-0000-7000-8000-000000000000"
	for name, proof := range map[string]string{
		"none": "", "expired": expired, "another deployment's": foreign.Access(h.Demo.AdaLink, time.Hour), "nonsense": "nonsense",
		"a payer's": h.tokens.Pay(h.Demo.Firm, "0190a000-0000-7000-8000-000000000001"), "a grant that is not there": h.tokens.Access(stranger, time.Hour),
		"cut off": h.tokens.Access(h.Demo.AdaLink, time.Hour)[:40],
	} {
		w := h.answers(http.MethodPost, h.asked(t, "start the clock for acme", proof), nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"LinkAccount"`) {
			t.Errorf("%s: %d, %s", name, w.Code, w.Body)
		}
	}
	h.nothingHappened(t)
}

// full is a database whose disk is full.
type full struct{ store.Backend }

func (full) Commit(context.Context, ...store.Op) error {
	return fmt.Errorf("sqlite: commit: %w", store.ErrFull)
}

func TestAFullDiskIsSaidAndLosesNothing(t *testing.T) {
	clock := firmtest.NewClock()
	h := move(t, t.TempDir(), clock, memory.New(clock.Now))
	c := h.device(t, "", h.say)
	say := func(text, want string) {
		t.Helper()
		if x, err := c.Say(t.Context(), text); err != nil || x.Speech != want {
			t.Errorf("%q: %q, %v", text, x.Speech, err)
		}
	}
	say("start the clock for acme", "Started Acme Corporation.")
	clock.Advance(20 * time.Minute)
	there := h.House.Store
	h.House.Store = full{there}
	say("stop the clock for acme", "Something went wrong on my side. Please try again in a moment.")
	say("what's running", "Acme Corporation is running, twenty minutes so far.")
	h.House.Store = there
	say("stop the clock for acme", "Stopped Acme Corporation at point four hours. What was it for?")
}

// The file that other programs on the machine take the demo lawyer's token from.
func TestTheDemoTokenIsTheOwnersAndNeverExpires(t *testing.T) {
	clock := firmtest.NewClock()
	dir := t.TempDir()
	h := move(t, dir, clock, memory.New(clock.Now))
	tokens := map[string]bool{}
	for range 24 * 6 {
		clock.Advance(10 * time.Minute)
		if err := h.refreshToken(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(dir + "/demo-token")
		if err != nil || info.Mode() != 0o600 {
			t.Fatalf("mode %v, %v", info.Mode(), err)
		}
		text, err := os.ReadFile(dir + "/demo-token")
		if err != nil {
			t.Fatal(err)
		}
		written := strings.TrimSuffix(string(text), "\n")
		tokens[written] = true
		ahead := &token.Signer{Keys: h.tokens.Keys, Now: func() time.Time { return clock.Now().Add(30 * time.Minute) }}
		if _, err := ahead.Open(written); err != nil {
			t.Fatalf("after %d tokens: in half an hour %v", len(tokens), err)
		}
	}
	if len(tokens) < 20 || len(tokens) > 30 {
		t.Errorf("%d tokens in a day", len(tokens))
	}
}

func TestADemoThatWasUnlinkedIsLinkedAgainByTheNextStart(t *testing.T) {
	clock, dir := firmtest.NewClock(), t.TempDir()
	var links []firm.Caller
	start := func(name string, act func(*testing.T, *house)) {
		t.Run(name, func(t *testing.T) { // which stops the server at its end
			h := move(t, dir, clock, nil)
			links = append(links, h.Demo.AdaLink)
			act(t, h)
		})
	}
	start("unlinked", func(t *testing.T, h *house) {
		x, err := h.device(t, "", h.say).Say(t.Context(), "start the clock for acme")
		if err != nil || x.Link {
			t.Fatalf("%q, %v", x.Speech, err)
		}
		if err := h.House.RevokeGrant(t.Context(), h.step("unlink"), h.Demo.Ada, links[0].Grant); err != nil {
			t.Fatal(err)
		}
		if x, err = h.device(t, "", h.say).Say(t.Context(), "what's running"); err != nil || !x.Link {
			t.Fatalf("%q, %v", x.Speech, err)
		}
	})
	start("linked again", func(t *testing.T, h *house) {
		x, err := h.device(t, "", h.say).Say(t.Context(), "what's running")
		if err != nil || !strings.HasPrefix(x.Speech, "Acme Corporation is running") {
			t.Errorf("%q, %v", x.Speech, err)
		}
	})
	start("still linked", func(*testing.T, *house) {})
	if links[1] == links[0] || links[2] != links[1] {
		t.Errorf("a start links anew without a need, or not with one: %v", links)
	}
}

// The worker does it by itself: a request, or the next second, wakes it.
func TestTheRunningServerKeepsTheDemoTokenFresh(t *testing.T) {
	clock := firmtest.NewClock()
	dir := t.TempDir()
	s, err := Open(t.Context(), settings(t, dir, nil), Options{Now: clock.Now, Store: memory.New(clock.Now)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	first := s.Demo.Token()
	clock.Advance(tokenTime - time.Minute)
	eventually(t, "a new token", func() bool {
		text, err := os.ReadFile(dir + "/demo-token")
		return err == nil && strings.TrimSpace(string(text)) != first
	})
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	s.Close()
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: it did not come", what)
		}
	}
}

func TestARepeatedRequestIsNotDoneTwiceEvenAtTheSameMoment(t *testing.T) {
	clock := firmtest.NewClock()
	h := move(t, t.TempDir(), clock, nil)
	talk.Play(t, `lawyer: start the clock for acme
clerk: Started Acme Corporation.
(20 minutes pass)
lawyer: stop the clock
clerk: Stopped Acme Corporation at point four hours. What was it for?
lawyer: no
clerk: Okay.
lawyer: add the last entry for acme to the bill
clerk: Added point four hours. Acme Corporation's bill is now one entry, one hundred twenty dollars.`, h.stage(t, h.say))
	four := false
	c := h.device(t, "", func(ctx context.Context, request []byte) ([]byte, error) {
		if four {
			return h.fourTimes(ctx, request)
		}
		return h.say(ctx, request)
	})
	for _, text := range []string{"charge acme", "yes", "one two three four"} {
		four = strings.HasPrefix(text, "one")
		if _, err := c.Say(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	h.settle(t)
	h.audit(t)
	if payments := h.auditor().payments(t); len(payments) != 1 {
		t.Errorf("%d payments", len(payments))
	}
}

// fourTimes posts a request four times at once and returns the last answer.
func (h *house) fourTimes(ctx context.Context, request []byte) (answer []byte, err error) {
	answers, failures := make(chan []byte, 4), make(chan error, 4)
	for range 4 {
		go func() {
			got, err := h.say(ctx, request)
			answers <- got
			failures <- err
		}()
	}
	for range 4 {
		answer = <-answers
		err = errors.Join(err, <-failures)
	}
	return answer, err
}
