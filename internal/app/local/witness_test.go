package local

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// witness runs the local system and notes everything that leaves it.
type witness struct {
	*testing.T
	server *Server
	clock  *firmtest.Clock
	post   chan letter // letters as they arrive
	smtp   string      // host and port
	mu     sync.Mutex
	sent   []outbound.Sent
}

// witnessed opens the demo firm, has things planted, and serves it. It is spoken to over HTTP, as by Alexa and browsers.
func witnessed(t *testing.T, plants ...func(*witness)) *witness {
	w := &witness{T: t, clock: firmtest.NewClock(), post: make(chan letter, 8)}
	t.Cleanup(outbound.Watch(w.note))
	w.smtp = serveMail(t, w.post)
	s, err := Open(t.Context(), config.Local{
		Addr: "127.0.0.1:0", Sandbox: "127.0.0.1:0", Data: t.TempDir(), Demo: true, SkillID: config.DemoSkillID,
		SMTP: "smtp://" + w.smtp, MailFrom: "billing@demo.test",
	}, Options{Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	for _, plant := range plants {
		plant(w)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		s.Close()
	})
	return w
}

func (w *witness) note(s outbound.Sent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Bytes = bytes.Clone(s.Bytes)
	if last := len(w.sent) - 1; s.Network == "tcp" && last >= 0 && w.sent[last].Network == "tcp" && !bytes.HasPrefix(s.Bytes, []byte("EHLO")) {
		w.sent[last].Bytes = append(w.sent[last].Bytes, s.Bytes...) // one letter at a time is under way
		return
	}
	w.sent = append(w.sent, s)
}

// cycle is all that is done with two clients: from the clock to the charge that succeeds, to the one that is declined
// and then paid on the processor's page, and to the refund.
func (w *witness) cycle() {
	w.Helper()
	w.chargeAcme()
	if got := <-w.post; got.to != "billing@acme.test" {
		w.Fatalf("a letter to %s", got.to)
	}
	w.work("hughes medical", hughesNote)
	w.say("charge hughes medical", "yes, one two three four", "declined")
	w.payOnThePage(w.invoice("2"))
	if got := <-w.post; got.to != "payables@hughes.test" {
		w.Fatalf("a letter to %s", got.to)
	}
	w.refund(w.invoice("1"))
	for len(w.server.sandbox.Undelivered()) > 0 {
		if _, err := w.server.sandbox.Deliver(w.Context()); err != nil {
			w.Fatal(err)
		}
	}
	w.say("what's running", "Nothing is running")
}

func (w *witness) chargeAcme() {
	w.Helper()
	w.work("customer acme", acmesNote)
	w.say("tell billing clerk to charge customer acme credit card and send invoice", "yes", "1234", "Paid. Invoice 1")
}

// work puts twenty minutes for a client on the bill.
func (w *witness) work(client, note string) {
	w.Helper()
	w.say("start the clock for "+client, "Started")
	w.clock.Advance(20 * time.Minute)
	w.say("stop the clock for "+client, "note "+note, "Noted")
	w.say("add the last transaction from "+client+" to bill", "Added point four hours")
}

// say says sentences in one talk of its own; the last argument is part of the last answer.
func (w *witness) say(lines ...string) {
	w.Helper()
	c, err := w.server.conversation("WITNESS", w.alexa)
	if err != nil {
		w.Fatal(err)
	}
	var x talk.Exchange
	for _, line := range lines[:len(lines)-1] {
		if x, err = c.Say(w.Context(), line); err != nil {
			w.Fatal(err)
		}
	}
	if want := lines[len(lines)-1]; !strings.Contains(x.Speech, want) {
		w.Fatalf("%q: %q lacks %q", lines[:len(lines)-1], x.Speech, want)
	}
}

// outside is the network of those who ask us: Alexa and browsers. What they send is theirs, and not watched.
var outside = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func (w *witness) alexa(_ context.Context, request []byte) ([]byte, error) {
	return w.browse(http.Post(w.server.URL+"/alexa", "application/json", bytes.NewReader(request))), nil
}

func (w *witness) browse(r *http.Response, err error) []byte {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		w.Fatalf("%s %s: %s, %v: %.300s", r.Request.Method, r.Request.URL, r.Status, err, body)
	}
	return body
}

// invoice is the id of an invoice by its number.
func (w *witness) invoice(number string) string {
	w.Helper()
	list, _, err := w.server.Billing.List(w.Context(), firm.System(w.server.Demo.Firm, ""), w.clock.Now().Format("2006-01"), "")
	if err != nil {
		w.Fatal(err)
	}
	for _, b := range list {
		if b.Number == number {
			return b.ID
		}
	}
	w.Fatalf("there is no invoice %s among %d", number, len(list))
	return ""
}

// payOnThePage is a payer: our page, the processor's page that it leads to, a card, and back.
func (w *witness) payOnThePage(invoice string) {
	w.Helper()
	link := w.server.payLink(w.server.Demo.Firm, invoice)
	w.browse(outside.Get(link))
	leads, err := (&http.Client{Transport: outside.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}).PostForm(link, nil)
	if err != nil {
		w.Fatal(err)
	}
	defer leads.Body.Close()
	page := leads.Header.Get("Location")
	w.browse(outside.Get(page))
	back := w.browse(outside.PostForm(page, url.Values{"number": {"4242424242424242"}, "expiry": {"12/40"}, "cvc": {"123"}}))
	if !strings.Contains(string(back), "Invoice 2") {
		w.Fatalf("back from the processor's page: %s", back)
	}
}

func (w *witness) refund(invoice string) {
	w.Helper()
	by := w.server.Demo.AdaLink
	by.Channel, by.Request = firm.ByConsole, "witness-refund"
	attempts, err := w.server.Charges.Attempts(w.Context(), by, invoice)
	if err != nil || len(attempts) != 1 {
		w.Fatalf("%d attempts, %v", len(attempts), err)
	}
	if after, err := w.server.Charges.Refund(w.Context(), by, attempts[0].ID); err != nil || after.State != charging.Refunded {
		w.Fatalf("refund: %s, %v", after.State, err)
	}
}

// letter is what the mail server took.
type letter struct{ to, data string }

// serveMail is a mail server on the loopback; it takes everything. It returns its host and port.
func serveMail(t *testing.T, got chan<- letter) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go takeMail(conn, got)
		}
	}()
	return listener.Addr().String()
}

func takeMail(conn net.Conn, got chan<- letter) {
	defer conn.Close()
	in, say := bufio.NewScanner(conn), func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 ready")
	var l letter
	for in.Scan() {
		switch line := in.Text(); {
		case strings.HasPrefix(line, "RCPT"):
			l.to += strings.Trim(line[strings.IndexByte(line, ':')+1:], "<> ")
			say("250 ok")
		case line == "DATA":
			say("354 go on")
			for in.Scan() && in.Text() != "." {
				l.data += in.Text() + "\n"
			}
			say("250 taken")
			got <- l
		case line == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
