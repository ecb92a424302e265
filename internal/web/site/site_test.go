package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// probe is a page whose data are hostile or plain, as a test likes.
type probe struct{ Name string }

var (
	probePage = NewPage[probe](fstest.MapFS{"probe.html": {Data: []byte(`{{define "main"}}<p title="{{.Name}}">{{.Name}}</p>{{end}}`)}}, "probe.html")
	said      = Say("test.done", "It is done.")
)

// noSession is a gate at which a header says who comes.
type noSession struct{}

func (noSession) Load(next http.Handler) http.Handler { return next }

func (noSession) Visitor(ctx context.Context, request string) (Visitor, error) {
	role, ok := ctx.Value(roleKey{}).(firm.Role)
	if !ok {
		return Visitor{}, firm.ErrUnlinked
	}
	may := func(p firm.Permission) error {
		if !role.May(p) {
			return firm.ErrForbidden
		}
		return nil
	}
	proven, _ := ctx.Value(provenKey{}).(time.Time)
	return Visitor{Proven: proven, Caller: firm.Caller{Firm: "f1", Person: "p1", Request: request}, Firm: firm.Firm{Name: "Demo and Partners"}, Person: firm.Person{Name: "Ada"}, May: may}, nil
}

type (
	roleKey   struct{}
	provenKey struct{}
)

type bench struct {
	*Site
	log *bytes.Buffer
}

func newBench(t *testing.T, base string, routes ...Route) *bench {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	ids, out := 0, &bytes.Buffer{}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	s, err := New(Config{
		Base: u, Gate: noSession{}, Nav: []Link{{Text: "Probe", Href: "/probe"}},
		Now:    func() time.Time { now = now.Add(time.Millisecond); return now },
		NewID:  func() string { ids++; return fmt.Sprintf("0190a000-0000-7000-8000-%012d", ids) },
		Logger: slog.New(slog.NewJSONHandler(out, nil)),
	}, routes)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{s, out}
}

func (b *bench) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

func (b *bench) line(t *testing.T) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
	b.log.Reset()
	if len(lines) != 1 {
		t.Fatalf("%d log lines for one request: %q", len(lines), lines)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func post(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func as(r *http.Request, role firm.Role) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), roleKey{}, role))
}

func show(data probe) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return probePage.Write(w, r, http.StatusOK, "Probe", data)
	}
}

func failing(err error) Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func TestEachKindHasItsStatusAndOnlyItsSentenceIsShown(t *testing.T) {
	for kind := fault.Internal; kind <= fault.Busy; kind++ {
		if statuses[kind] == 0 {
			t.Fatalf("kind %s has no status", kind)
		}
		err := fmt.Errorf("read secret narrative: %w", fault.New(kind, "test.fault", "A plain sentence.").Because(errors.New("cause with a name")))
		b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/fail", Who: Anyone, Serve: failing(err)})
		w := b.do(get("/fail"))
		body := w.Body.String()
		if w.Code != statuses[kind] || !strings.Contains(body, "A plain sentence.") {
			t.Errorf("%s: status %d, %q", kind, w.Code, body)
		}
		if strings.Contains(body, "narrative") || strings.Contains(body, "cause") {
			t.Errorf("%s: the page shows the cause", kind)
		}
		if !strings.Contains(body, w.Header().Get("X-Request-Id")) {
			t.Errorf("%s: the page has no request id", kind)
		}
	}
}

func TestAnErrorThatIsNoFaultIsShownAsOneNeutralSentenceAndLoggedWhole(t *testing.T) {
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/fail", Who: Anyone, Serve: failing(errors.New("sql: table gone"))})
	w := b.do(get("/fail"))
	if w.Code != 500 || !strings.Contains(w.Body.String(), neutral) || strings.Contains(w.Body.String(), "sql") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if line := b.line(t); line["error"] != "sql: table gone" || line["level"] != "ERROR" {
		t.Errorf("log %v", line)
	}
}

func TestAPanicIsAnErrorPageAndItsStackIsLogged(t *testing.T) {
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/boom", Who: Anyone, Serve: func(http.ResponseWriter, *http.Request) error { panic("secret") }})
	w := b.do(get("/boom"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), neutral) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if line := b.line(t); line["error"] != "panic: secret" || !strings.Contains(fmt.Sprint(line["stack"]), "site_test.go") {
		t.Errorf("log %v", line)
	}
}

func TestAPanicAfterTheFirstByteBreaksTheAnswerOff(t *testing.T) {
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/boom", Who: Anyone, Serve: func(w http.ResponseWriter, r *http.Request) error {
		_, _ = io.WriteString(w, "half")
		panic("late")
	}})
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v", err)
		}
		if line := b.line(t); line["error"] != "panic: late" {
			t.Errorf("log %v", line)
		}
	}()
	b.do(get("/boom"))
}

func TestTheLogNamesThePatternAndNeverThePath(t *testing.T) {
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/pay/{token}", Who: Payer, Serve: show(probe{"Acme"})})
	b.do(get("/pay/TOKEN123?also=SECRET"))
	raw := b.log.String()
	line := b.line(t)
	if line["route"] != "GET /pay/{token}" || line["status"] != 200.0 || line["ms"] == nil || line["request"] == "" {
		t.Errorf("log %v", line)
	}
	b.do(get("/nowhere/TOKEN123"))
	raw += b.log.String()
	for _, secret := range []string{"TOKEN123", "SECRET", "Acme"} {
		if strings.Contains(raw, secret) {
			t.Errorf("the log holds %s: %s", secret, raw)
		}
	}
}

func TestScriptsAndStylesCarryANonceThatIsNeverUsedTwice(t *testing.T) {
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/probe", Who: Anyone, Serve: show(probe{"x"})})
	inPolicy := regexp.MustCompile(`style-src 'nonce-([\w-]+)'`)
	seen := map[string]bool{}
	for range 20 {
		w := b.do(get("/probe"))
		m := inPolicy.FindStringSubmatch(w.Header().Get("Content-Security-Policy"))
		if m == nil || seen[m[1]] || len(m[1]) < 22 {
			t.Fatalf("nonce %v, seen before: %v", m, m != nil && seen[m[1]])
		}
		seen[m[1]] = true
		if !strings.Contains(w.Body.String(), `nonce="`+m[1]+`"`) {
			t.Fatal("the page does not carry its policy's nonce")
		}
	}
}

func TestHostileTextIsEscapedWhereverItStands(t *testing.T) {
	hostile := `"><script>alert(1)</script>`
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/probe", Who: Anyone, Serve: show(probe{hostile})})
	body := b.do(get("/probe")).Body.String()
	if strings.Contains(body, "<script>alert") || strings.Count(body, "&lt;script&gt;alert(1)&lt;/script&gt;") != 2 {
		t.Errorf("not escaped: %s", body)
	}
}

func TestOnlyTheRouteThatSaysSoMayUseTheMicrophone(t *testing.T) {
	b := newBench(t, "http://localhost",
		Route{Method: "GET", Path: "/talk", Who: Anyone, Serve: show(probe{}), Microphone: true},
		Route{Method: "GET", Path: "/probe", Who: Anyone, Serve: show(probe{})})
	for path, want := range map[string]string{"/talk": "microphone=(self)", "/probe": "microphone=()", "/none": "microphone=()"} {
		if got := b.do(get(path)).Header().Get("Permissions-Policy"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestFormsMayLeadToTheOriginsOfTheirRouteAlone(t *testing.T) {
	b := newBench(t, "http://localhost",
		Route{Method: "GET", Path: "/pay", Who: Anyone, Serve: show(probe{}), FormTo: []string{"https://pay.test"}},
		Route{Method: "GET", Path: "/probe", Who: Anyone, Serve: show(probe{})})
	for path, want := range map[string]string{"/pay": "form-action 'self' https://pay.test;", "/probe": "form-action 'self';"} {
		if got := b.do(get(path)).Header().Get("Content-Security-Policy"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestHTTPSIsDemandedOnlyWhereThereIsSome(t *testing.T) {
	for base, want := range map[string]bool{"https://firm.test": true, "http://127.0.0.1:8080": false} {
		w := newBench(t, base).do(get("/none"))
		if got := w.Header().Get("Strict-Transport-Security") != ""; got != want {
			t.Errorf("%s: %v", base, got)
		}
	}
}

func TestABodyBeyondItsBoundIsRefused(t *testing.T) {
	ran := false
	route := Route{Method: "POST", Path: "/form", Who: Member, MaxBody: 100, Serve: func(w http.ResponseWriter, r *http.Request) error { ran = true; return nil }}
	b := newBench(t, "http://localhost", route)
	w := b.do(as(post("/form", "a="+strings.Repeat("x", 200)), firm.Admin))
	if w.Code != http.StatusRequestEntityTooLarge || ran {
		t.Errorf("status %d, ran %v", w.Code, ran)
	}
}

func TestHeadIsAnsweredWithoutABody(t *testing.T) {
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/probe", Who: Anyone, Serve: show(probe{})})
	w := b.do(httptest.NewRequest(http.MethodHead, "/probe", nil))
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") == "" {
		t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestAPermissionIsAskedForBeforeTheHandler(t *testing.T) {
	ran := 0
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/books", Who: Member, Needs: firm.Operate,
		Serve: func(http.ResponseWriter, *http.Request) error { ran++; return nil }})
	if w := b.do(as(get("/books"), firm.Lawyer)); w.Code != 403 || ran != 0 {
		t.Errorf("lawyer: %d, ran %d", w.Code, ran)
	}
	if w := b.do(as(get("/books"), firm.Bookkeeper)); w.Code != 200 || ran != 1 {
		t.Errorf("bookkeeper: %d, ran %d", w.Code, ran)
	}
	if w := b.do(get("/books")); w.Code != 303 || w.Header().Get("Location") != "/signin?next=%2Fbooks" || ran != 1 {
		t.Errorf("nobody: %d to %s, ran %d", w.Code, w.Header().Get("Location"), ran)
	}
}

func TestAFormSentTwiceHasOneKey(t *testing.T) {
	var keys []string
	b := newBench(t, "http://localhost", Route{Method: "POST", Path: "/act", Who: Member, Serve: func(w http.ResponseWriter, r *http.Request) error {
		keys = append(keys, Visiting(r).Caller.Request)
		return nil
	}})
	once := "0190a000-0000-7000-8000-00000000abcd"
	for _, body := range []string{"once=" + once, "once=" + once, "", "once=A/B+rather+odd+key+here"} {
		b.do(as(post("/act", body), firm.Admin))
	}
	if keys[0] != once || keys[1] != once || keys[2] == once || keys[3] == keys[2] || strings.Contains(keys[3], "/") {
		t.Errorf("keys %q", keys)
	}
}

func TestANoticeIsShownOnceAndSaysOnlyWhatIsDeclared(t *testing.T) {
	b := newBench(t, "https://firm.test",
		Route{Method: "POST", Path: "/act", Who: Anyone, Serve: func(w http.ResponseWriter, r *http.Request) error { return Done(w, r, "/probe", said) }},
		Route{Method: "GET", Path: "/probe", Who: Anyone, Serve: show(probe{})})
	w := b.do(post("/act", ""))
	cookie := w.Result().Cookies()[0]
	if w.Code != 303 || cookie.Name != "__Host-notice" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Fatalf("%d, cookie %+v", w.Code, cookie)
	}
	r := get("/probe")
	r.AddCookie(cookie)
	w = b.do(r)
	if !strings.Contains(w.Body.String(), "It is done.") || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("not shown, or not used up: %v", w.Result().Cookies())
	}
	r = get("/probe")
	r.AddCookie(&http.Cookie{Name: "__Host-notice", Value: "forged.words"})
	if w = b.do(r); strings.Contains(w.Body.String(), "forged") || strings.Contains(w.Body.String(), `class="notice"`) {
		t.Error("a forged notice is shown")
	}
}

func TestAssetsAreKeptForEverUnderTheirSumAndGoneUnderAnother(t *testing.T) {
	b := newBench(t, "http://localhost")
	w := b.do(get(AssetPath("clerk.css")))
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w = b.do(get("/assets/0000000000000000/clerk.css")); w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("another sum: %d %s", w.Code, w.Header().Get("Cache-Control"))
	}
}

func TestAFailingTemplateIsTheErrorPageAndNotHalfAPage(t *testing.T) {
	broken := NewPage[struct{ Deep *probe }](fstest.MapFS{"b.html": {Data: []byte(`{{define "main"}}begun {{.Deep.Name}}{{end}}`)}}, "b.html")
	made = made[:len(made)-1] // its fault is in its data: nothing for the test of types
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/b", Who: Anyone, Serve: func(w http.ResponseWriter, r *http.Request) error {
		return broken.Write(w, r, 200, "b", struct{ Deep *probe }{})
	}})
	if w := b.do(get("/b")); w.Code != 500 || strings.Contains(w.Body.String(), "begun") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestARequestHasADeadline(t *testing.T) {
	b := newBench(t, "http://localhost", Route{Method: "GET", Path: "/slow", Who: Anyone, Serve: func(w http.ResponseWriter, r *http.Request) error {
		if _, ok := r.Context().Deadline(); !ok {
			t.Error("no deadline")
		}
		return nil
	}})
	b.do(get("/slow"))
}

func TestNewRefusesWhatIsNotComplete(t *testing.T) {
	ok := Route{Method: "GET", Path: "/x", Who: Anyone, Serve: failing(nil)}
	cfg := newBench(t, "http://localhost").Config
	for name, list := range map[string][]Route{
		"nobody may use it": {{Method: "GET", Path: "/x", Serve: failing(nil)}},
		"no handler":        {{Method: "GET", Path: "/x", Who: Anyone}},
		"needs no member":   {{Method: "GET", Path: "/x", Who: Anyone, Needs: firm.See, Serve: failing(nil)}},
		"twice":             {ok, ok},
	} {
		if _, err := New(cfg, list); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := New(Config{}, []Route{ok}); err == nil {
		t.Error("an empty Config was accepted")
	}
}

func TestTimesAndCountsAreReadyToRead(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 2, 4, 30, 0, 0, time.UTC)
	if got := At(at, zone); got != (When{"Nov 1, 2026, 11:30 PM EST", "2026-11-02T04:30:00Z"}) {
		t.Errorf("At: %+v", got)
	}
	if got := DayOf(at, zone); got != (When{"Nov 1, 2026", "2026-11-01"}) {
		t.Errorf("DayOf: %+v", got)
	}
	if got := Day("2026-11-01"); got.Text != "Nov 1, 2026" {
		t.Errorf("Day: %+v", got)
	}
	if At(time.Time{}, zone) != (When{}) || Count(1, "try", "tries") != "1 try" || Count(0, "try", "tries") != "0 tries" {
		t.Error("zero time or plural")
	}
}
