package talkpage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// echo answers a sentence with itself, and asks when it ends with a question mark.
type echo struct{ said []string }

func (e *echo) Say(_ context.Context, session, text string) (talk.Exchange, error) {
	e.said = append(e.said, session+": "+text)
	switch text {
	case "busy":
		return talk.Exchange{}, fault.New(fault.Busy, "x", "Please wait a moment.")
	case "broken":
		return talk.Exchange{}, errors.New("dial tcp: secret")
	}
	var kept *talk.Pending
	if p, ok := asked[text]; ok {
		kept = &p
	}
	return talk.Exchange{
		Pending: kept, Heard: text, Intent: "StartClockIntent", Slots: map[string]string{"client": "acme", "about": "lease"},
		Request: json.RawMessage(`{"version":"1.0"}`), Response: json.RawMessage(`{"shouldEndSession":false}`),
		Speech: "You said <" + text + ">.", Reprompt: "Still there?", Card: "A card", Listening: strings.HasSuffix(text, "?"),
	}, nil
}

// asked are the sentences after which something is pending.
var asked = map[string]talk.Pending{
	"which?":  {Ask: "which", Act: "start", Choices: []string{"Schmidt <Holdings>", "Schmitt Logistics"}, Tries: 1},
	"charge?": {Ask: "charge", Act: "charge", Then: "send", Proven: true},
	"code?":   {Ask: "code"},
}

type nobody struct{}

func (nobody) Load(next http.Handler) http.Handler { return next }

func (nobody) Visitor(context.Context, string) (site.Visitor, error) {
	return site.Visitor{}, errors.New("the talk page has no members")
}

// letters is a mail folder with two messages, and a file that is none.
func letters() fstest.MapFS {
	multi := strings.ReplaceAll(`From: Demo and Partners <bills@demo.test>
To: billing@acme.test
Subject: =?utf-8?q?Invoice_1_=E2=80=93_thank_you?=
Date: Mon, 23 Nov 2026 15:04:05 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Dear client, <b>120.00=20USD</b>
--inner
Content-Type: text/html

<script>alert(1)</script>
--inner--
--outer
Content-Type: application/pdf; name="invoice-1.pdf"
Content-Disposition: attachment; filename="invoice-1.pdf"
Content-Transfer-Encoding: base64

JVBERi0x
LjcK
--outer
Content-Type: text/html; name="page.html"
Content-Disposition: attachment; filename="page.html"

<script>alert(1)</script>
--outer--
`, "\n", "\r\n")
	return fstest.MapFS{
		"2.eml":      {Data: []byte(multi)},
		"1.eml":      {Data: []byte("To: a@b.test\r\nSubject: older\r\nDate: Sun, 22 Nov 2026 15:04:05 +0000\r\n\r\nplain text\r\n")},
		"broken.eml": {Data: []byte("no message at all")},
		"notes.txt":  {Data: []byte("private")},
	}
}

func newSite(t *testing.T) (*site.Site, *echo) {
	t.Helper()
	ids, e := 0, &echo{}
	newID := func() string { ids++; return fmt.Sprintf("0190a000-0000-7000-8000-%012d", ids) }
	s, err := site.New(site.Config{
		Base: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}, NewID: newID, Gate: nobody{},
		Now:    func() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) },
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)),
	}, Routes(Config{Talker: e, Mail: letters(), Sandbox: "http://127.0.0.1:9999", Code: "1234", NewID: newID, Zone: time.UTC}))
	if err != nil {
		t.Fatal(err)
	}
	return s, e
}

func do(s http.Handler, r *http.Request) (int, http.Header, string) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.String()
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func form(path string, values url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func sentenceForm(text string) url.Values { return url.Values{"session": {"s-1"}, "text": {text}} }

func inSession(r *http.Request) *http.Request {
	r.AddCookie(&http.Cookie{Name: cookieName, Value: "s-1"})
	return r
}

func TestTheFirstVisitOffersTheFourSentences(t *testing.T) {
	s, _ := newSite(t)
	code, header, page := do(s, get("/"))
	if code != 200 || !strings.Contains(header.Get("Set-Cookie"), "talk=0190a000") || !strings.Contains(header.Get("Permissions-Policy"), "microphone=(self)") {
		t.Fatalf("%d %v", code, header)
	}
	for _, want := range append(tries, "http://127.0.0.1:9999", "/assets/", "older") {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestAConversationWorksWithFormsAlone(t *testing.T) {
	s, e := newSite(t)
	code, header, _ := do(s, form("/talk", sentenceForm(" start the clock? ")))
	if code != http.StatusSeeOther || header.Get("Location") != "/#last" || e.said[0] != "s-1: start the clock?" {
		t.Fatalf("%d to %s, said %q", code, header.Get("Location"), e.said)
	}
	_, _, page := do(s, inSession(get("/")))
	for _, want := range []string{
		"You said &lt;start the clock?&gt;.", "Microphone open", "StartClockIntent", "client: acme", "Still there?", "A card",
		"&#34;version&#34;: &#34;1.0&#34;", "&#34;shouldEndSession&#34;: false", `value="help"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if _, _, other := do(s, get("/")); strings.Contains(other, "You said") {
		t.Error("another session sees the conversation")
	}
}

func TestTheStateOfTheDialogIsShownAndItsAnswersAreOffered(t *testing.T) {
	for asked, wants := range map[string][]string{
		"which?":  {"asked: which", "to do: start", "choices: Schmidt &lt;Holdings&gt; / Schmitt Logistics", "not understood: 1", `value="Schmidt &lt;Holdings&gt;"`, `value="neither"`},
		"charge?": {"asked: charge", "and then: send", "code: given", `value="yes"`, `value="yes, 1 2 3 4"`, `value="cancel"`},
		"code?":   {"asked: code", `value="1 2 3 4"`},
	} {
		s, _ := newSite(t)
		do(s, form("/talk", sentenceForm(asked)))
		_, _, page := do(s, inSession(get("/")))
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("after %q the page lacks %q", asked, want)
			}
		}
		do(s, form("/talk", sentenceForm("stop")))
		if _, _, page = do(s, inSession(get("/"))); strings.Contains(page, "replies") {
			t.Errorf("after %q, answers are offered to a closed microphone", asked)
		}
	}
}

func TestAScriptGetsTheTurnAlone(t *testing.T) {
	s, _ := newSite(t)
	r := form("/talk", sentenceForm("stop"))
	r.Header.Set("X-Part", "turn")
	code, _, part := do(s, r)
	if code != 200 || !strings.Contains(part, `<li class="turn">`) || strings.Contains(part, "<html") || !strings.Contains(part, "Microphone closed") {
		t.Errorf("%d %s", code, part)
	}
}

func TestJSONIsAnsweredWithTheExchange(t *testing.T) {
	s, _ := newSite(t)
	r := httptest.NewRequest(http.MethodPost, "/talk", strings.NewReader(`{"session":"s-1","text":"stop"}`))
	r.Header.Set("Content-Type", "application/json")
	code, header, text := do(s, r)
	var x talk.Exchange
	if err := json.Unmarshal([]byte(text), &x); err != nil || code != 200 || header.Get("Content-Type") != "application/json" || x.Speech != "You said <stop>." {
		t.Errorf("%d %v %+v", code, err, x)
	}
}

func TestWhatIsNoSentenceIsRefused(t *testing.T) {
	s, e := newSite(t)
	for name, values := range map[string]url.Values{
		"empty":      sentenceForm("  "),
		"too long":   sentenceForm(strings.Repeat("x", maxText+1)),
		"no session": {"text": {"stop"}},
		"a path":     {"session": {"../x"}, "text": {"stop"}},
	} {
		if code, _, page := do(s, form("/talk", values)); code != 400 || !strings.Contains(page, errSentence.Message) {
			t.Errorf("%s: %d", name, code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/talk", strings.NewReader(`{"session":`))
	r.Header.Set("Content-Type", "application/json")
	if code, _, _ := do(s, r); code != 400 || len(e.said) != 0 {
		t.Errorf("half JSON: %d, said %q", code, e.said)
	}
	if code, _, _ := do(s, form("/talk", url.Values{"session": {"s-1"}, "text": {strings.Repeat("x", 5000)}})); code != 413 {
		t.Errorf("beyond the bound: %d", code)
	}
}

func TestARefusalIsATurnAndADefectIsTheErrorPage(t *testing.T) {
	s, _ := newSite(t)
	if code, _, _ := do(s, form("/talk", sentenceForm("busy"))); code != http.StatusSeeOther {
		t.Errorf("refusal: %d", code)
	}
	if _, _, page := do(s, inSession(get("/"))); !strings.Contains(page, "Please wait a moment.") {
		t.Error("the refusal is not shown")
	}
	if code, _, page := do(s, form("/talk", sentenceForm("broken"))); code != 500 || strings.Contains(page, "secret") {
		t.Errorf("defect: %d", code)
	}
}

func TestStartingOverIsANewSession(t *testing.T) {
	s, _ := newSite(t)
	code, header, _ := do(s, inSession(form("/talk/new", nil)))
	if code != http.StatusSeeOther || strings.Contains(header.Get("Set-Cookie"), "talk=s-1") || header.Get("Set-Cookie") == "" {
		t.Errorf("%d %v", code, header)
	}
}

func TestMailIsListedNewestFirst(t *testing.T) {
	s, _ := newSite(t)
	_, _, part := do(s, get("/talk/mail"))
	newer, older := strings.Index(part, "Invoice 1 – thank you"), strings.Index(part, "older")
	if newer < 0 || older < newer || strings.Contains(part, "notes.txt") || strings.Contains(part, "broken") {
		t.Error(part)
	}
}

func TestALetterShowsItsTextAndItsAttachments(t *testing.T) {
	s, _ := newSite(t)
	_, _, page := do(s, get("/mail/2.eml"))
	if !strings.Contains(page, "Dear client, &lt;b&gt;120.00 USD&lt;/b&gt;") || !strings.Contains(page, `href="/mail/2.eml/2"`) || strings.Contains(page, "<script>alert") {
		t.Error(page)
	}
	if _, _, page := do(s, get("/mail/1.eml")); !strings.Contains(page, "plain text") {
		t.Error(page)
	}
	code, header, pdf := do(s, get("/mail/2.eml/2"))
	if code != 200 || pdf != "%PDF-1.7\n" || header.Get("Content-Type") != "application/pdf" || header.Get("Content-Disposition") != "inline; filename=invoice-1.pdf" {
		t.Errorf("%d %q %v", code, pdf, header)
	}
	if _, header, _ = do(s, get("/mail/2.eml/3")); header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a page that came by mail is shown: %v", header)
	}
}

func TestOnlyMessagesOfTheFolderAreShown(t *testing.T) {
	s, _ := newSite(t)
	for _, path := range []string{"/mail/notes.txt", "/mail/none.eml", "/mail/..%2fx.eml", "/mail/broken.eml", "/mail/2.eml/9", "/mail/2.eml/-1", "/mail/2.eml/x"} {
		if code, _, _ := do(s, get(path)); code != 404 {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func TestMemoryForgetsTheOldest(t *testing.T) {
	m := memory{sessions: map[string]*transcript{}}
	first := m.of("s-0")
	for i := range maxSessions {
		m.of(fmt.Sprintf("s-%d", i+1))
	}
	if m.of("s-0") == first || len(m.sessions) != maxSessions {
		t.Errorf("%d sessions", len(m.sessions))
	}
	for range maxTurns + 5 {
		if _, err := first.say(t.Context(), &desk{Config: Config{Talker: &echo{}}}, sentence{"s-0", "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(first.all()); n != maxTurns {
		t.Errorf("%d turns", n)
	}
}
