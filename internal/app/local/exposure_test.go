package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/charging/stripe"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/outbound"
)

const (
	acmesNote  = "negotiated the mooring easement with the harbourmaster"
	hughesNote = "drafted the cardiologists licensing appeal"
)

// TestNoOutsidePartyLearnsTheClients plays the whole cycle and reads every byte that left, and the log. The one
// exception is the letter to a client, which may hold that client's own.
func TestNoOutsidePartyLearnsTheClients(t *testing.T) {
	w := witnessed(t)
	w.cycle()
	read := w.read()
	for _, leak := range append(leaks(read), w.logged()...) {
		t.Error(leak)
	}
	// Without these, the test would pass by seeing nothing.
	count := map[string]int{}
	for _, e := range read {
		if count[e.party]++; e.client != "Acme Corporation" {
			continue
		}
		for _, words := range []string{"Acme Corporation", acmesNote, "Invoice 1 from Demo and Partners"} {
			if !seen(e.views, words) {
				t.Errorf("%q was not seen in Acme's own letter: what is inside a letter is not read", words)
			}
		}
	}
	if count["processor"] < 12 || count["webhook"] < 4 || count["mail"] < 2 {
		t.Errorf("exchanges seen: %v", count)
	}
	t.Log(summary(read))
}

// A client's name among what goes out, in disguises, is found in the real traffic.
func TestANameThatLeavesIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		plant func(w *witness)
		seen  string
	}{
		"metadata":             {inMetadata("plain"), "processor learns"},
		"metadata, base64":     {inMetadata("base64 for URLs"), "processor learns"},
		"metadata, JSON":       {inMetadata("JSON"), "processor learns"},
		"metadata, compressed": {inMetadata("gzip"), "processor learns"},
		"another's letter":     {inLetters, "mail learns"},
		"the log":              {inTheLog, "log learns"},
	} {
		t.Run(name, func(t *testing.T) {
			w := witnessed(t, c.plant)
			w.chargeAcme()
			<-w.post
			found := append(leaks(w.read()), w.logged()...)
			if len(found) == 0 || !strings.HasPrefix(found[0], c.seen) || !strings.Contains(found[0], "Hughes Medical") {
				t.Errorf("found %q", found)
			}
		})
	}
}

// inMetadata puts the name into the metadata of every payment at the processor.
func inMetadata(disguise string) func(*witness) {
	return func(w *witness) {
		key := func(context.Context) (string, error) { return sandbox.DefaultKey, nil }
		account := stripe.New(stripe.Config{Key: key, WebhookSecret: sandbox.DefaultSecret, BaseURL: w.server.Sandbox,
			HTTP: &http.Client{Transport: gossip{disguises[disguise]("Hughes Medical")}}})
		w.server.Charges.Processor = func(context.Context, string) (charging.Processor, error) { return account, nil }
	}
}

type gossip struct{ name string }

func (g gossip) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.URL.Path == "/v1/payment_intents" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = append(body, "&metadata%5Bnote%5D="+url.QueryEscape(g.name)...)
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return outbound.Transport().RoundTrip(r)
}

// inLetters puts the name into every letter.
func inLetters(w *witness) {
	w.server.office.Carrier = careless{w.server.office.Carrier}
}

type careless struct{ mail.Carrier }

func (c careless) Carry(ctx context.Context, l mail.Letter) error {
	l.Raw = append([]byte("X-Note: "+disguises["a header's word"]("Hughes Medical")+"\r\n"), l.Raw...)
	return c.Carrier.Carry(ctx, l)
}

// inTheLog puts the name into the log.
func inTheLog(w *witness) {
	w.server.Log.Warn("outbox", "error", "cannot send to Hughes Medical")
}

// secret is something of a client's that nobody else may learn.
type secret struct{ client, words string }

func secrets() (list []secret) {
	for _, d := range demoClients {
		name := d.client.Name
		list = append(list, secret{name, name}, secret{name, strings.Fields(name)[0]})
		for _, words := range slices.Concat(d.matters, d.client.Address) {
			list = append(list, secret{name, words})
		}
		if d.client.Email != "" {
			list = append(list, secret{name, d.client.Email}, secret{name, d.client.Email[strings.IndexByte(d.client.Email, '@'):]})
		}
	}
	return append(list, secret{"Acme Corporation", acmesNote}, secret{"Acme Corporation", "mooring easement"},
		secret{"Hughes Medical", hughesNote}, secret{"Hughes Medical", "cardiologists"})
}

// exchange is something that was sent, read.
type exchange struct {
	party  string   // to whom: "processor", "webhook" (the sandbox, which runs here, speaks to us), "mail"; empty: unknown
	head   string   // the first line, without the address
	client string   // to whom alone a letter goes
	size   int      // bytes
	views  []string // what it says
	whole  bool     // all of it was read
}

// read reads everything that was sent.
func (w *witness) read() (list []exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sent {
		views, whole := reveal(s.Bytes)
		list = append(list, exchange{w.party(s), w.head(s), recipient(s), len(s.Bytes), views, whole})
	}
	return list
}

// leaks lists what was sent and should not have been.
func leaks(read []exchange) (found []string) {
	for _, e := range read {
		if !e.whole || e.party == "" {
			found = append(found, "sent to an unknown party, or too deep to be read: "+e.head)
		}
		for _, secret := range secrets() {
			if secret.client != e.client && seen(e.views, secret.words) {
				found = append(found, fmt.Sprintf("%s learns %q of %s: %s", e.party, secret.words, secret.client, e.head))
			}
		}
	}
	return found
}

func (w *witness) head(s outbound.Sent) string {
	line, _, _ := strings.Cut(string(s.Bytes), "\r\n")
	return strings.NewReplacer(w.server.Sandbox, "", w.server.URL, "").Replace(line)
}

func (w *witness) party(s outbound.Sent) string {
	switch s.Address {
	case strings.TrimPrefix(w.server.Sandbox, "http://"):
		return "processor"
	case strings.TrimPrefix(w.server.URL, "http://"):
		return "webhook"
	case w.smtp:
		return "mail"
	}
	return ""
}

var addressed = regexp.MustCompile(`RCPT TO:<([^>]*)>`)

// recipient is the client to whom alone a letter goes; empty for all that is no letter.
func recipient(s outbound.Sent) string {
	to := addressed.FindAllSubmatch(s.Bytes, -1)
	for _, d := range demoClients {
		if s.Network == "tcp" && len(to) == 1 && string(to[0][1]) == d.client.Email {
			return d.client.Name
		}
	}
	return ""
}

var opaque = regexp.MustCompile(`(pi|cs|re|cus|pm|seti)_\w+|[0-9a-f-]{36}|\?.*`)

// summary counts the traffic: to which party, which kind of exchange, how often, how many bytes.
func summary(read []exchange) string {
	count, size := map[string]int{}, map[string]int{}
	for _, e := range read {
		kind := e.party + " " + opaque.ReplaceAllString(e.head, "…")
		count[kind]++
		size[kind] += e.size
	}
	var lines []string
	for kind, n := range count {
		lines = append(lines, fmt.Sprintf("%4d × %7d bytes  %s", n, size[kind]/n, kind))
	}
	slices.Sort(lines)
	return "what left:\n" + strings.Join(lines, "\n")
}

// logged reads every text in the log's lines and lists what must not be there.
func (w *witness) logged() (found []string) {
	w.Helper()
	log, err := os.ReadFile(filepath.Join(w.server.Config.Data, "clerk.log"))
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	if err != nil || len(lines) < 8 {
		w.Fatalf("a log of %d lines, %v", len(lines), err)
	}
	hidden := append(secrets(), secret{"the lawyer", DemoCode}, secret{"the card", "4242424242424242"}, secret{"the card", "4242"},
		secret{"the lawyer", w.server.Demo.Password}, secret{"the lawyer", w.server.Demo.Token()}, secret{"the processor", sandbox.DefaultKey},
		secret{"a payer", strings.TrimPrefix(w.server.payLink(w.server.Demo.Firm, w.invoice("1")), w.server.URL+"/pay/")})
	for _, line := range lines {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			found = append(found, "a log line that is no JSON: "+string(line))
		}
		delete(fields, "time")
		for _, value := range fields {
			text, ok := value.(string)
			views, _ := reveal([]byte(text))
			for _, secret := range hidden {
				if ok && seen(views, secret.words) {
					found = append(found, fmt.Sprintf("log learns %q of %s: %s", secret.words, secret.client, line))
				}
			}
		}
	}
	return found
}
