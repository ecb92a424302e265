package local

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// settings are a laptop's, on free ports and the data folder dir.
func settings(t testing.TB, dir string, more map[string]string) config.Local {
	t.Helper()
	cfg, err := config.ReadLocal(environment(dir, more))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func environment(dir string, more map[string]string) config.Lookup {
	all := map[string]string{"CLERK_ADDR": "127.0.0.1:0", "CLERK_SANDBOX_ADDR": "127.0.0.1:0", "CLERK_DATA": dir}
	maps.Copy(all, more)
	return func(name string) string { return all[name] }
}

// house is the whole local system with the demo firm, on a clock that stands still until it is moved. Its pages and
// webhooks are served; its outbox is swept when the test says so, so that a play is the same each time.
type house struct {
	*Server
	clock   *firmtest.Clock
	handler http.Handler
	post    *outbox.Post
	fault   atomic.Pointer[sandbox.Fault] // what befalls each call of the sandbox
}

// move opens the system in a data folder, which may be empty. A nil backend is SQLite there. more are further settings,
// a name and a value each.
func move(t testing.TB, dir string, clock *firmtest.Clock, backend store.Backend, more ...string) *house {
	t.Helper()
	return moveIn(t, dir, clock, Options{Store: backend}, more...)
}

// moveIn is move with whatever else varies.
func moveIn(t testing.TB, dir string, clock *firmtest.Clock, opt Options, more ...string) *house {
	t.Helper()
	env := map[string]string{}
	for i := 0; i+1 < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	h := &house{clock: clock}
	h.fault.Store(&sandbox.Fault{})
	opt.Now, opt.Fault = clock.Now, func(sandbox.Call) sandbox.Fault { return *h.fault.Load() }
	var err error
	h.Server, err = Open(t.Context(), settings(t, dir, env), opt)
	if err != nil {
		t.Fatal(err)
	}
	if h.handler, err = h.Server.handler(); err != nil {
		t.Fatal(err)
	}
	h.post = h.office.Post(func() float64 { return 0.5 })
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.answer(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		h.Close()
	})
	return h
}

// say posts a request to the skill, as the device does, and then lets everything happen that is due.
func (h *house) say(ctx context.Context, request []byte) ([]byte, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, h.URL+"/alexa", bytes.NewReader(request))
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.Bytes(), h.sweep(ctx)
}

// twice posts every request a second time, as a device does that did not hear the answer, and wants the same answer.
func (h *house) twice(ctx context.Context, request []byte) ([]byte, error) {
	first, err := h.say(ctx, request)
	if err != nil {
		return nil, err
	}
	second, err := h.say(ctx, request)
	if err == nil && !bytes.Equal(first, second) {
		err = fmt.Errorf("the same request was answered\n%s\nand then\n%s", first, second)
	}
	return second, err
}

func (h *house) sweep(ctx context.Context) error {
	_, err := h.post.Sweep(ctx)
	return err
}

// settle lets the processor answer again and enough time pass that everything under way comes to its end.
func (h *house) settle(t testing.TB) {
	t.Helper()
	h.fault.Store(&sandbox.Fault{})
	for range 5 {
		h.clock.Advance(2 * time.Minute)
		if err := h.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// setup is the firm's own act, once.
func (h *house) setup() firm.Caller { return firm.System(h.Demo.Firm, app.NewID()) }

// device is where a lawyer talks: Ada, Ben, Ada whose voice is recognised, or somebody whose account is not linked.
// Amazon keeps the tokens fresh, however much time a play lets pass.
func (h *house) device(t testing.TB, lawyer string, send talk.Send) *talk.Conversation {
	t.Helper()
	ada := h.tokens.Access(h.Demo.AdaLink, 1000*time.Hour)
	o := talk.Options{
		ApplicationID: h.Config.SkillID, UserID: "amzn1.ask.account.DEMO", DeviceID: "amzn1.ask.device." + lawyer,
		AccessToken: ada, Now: h.clock.Now, NewID: app.NewID,
	}
	switch lawyer {
	case "ben":
		o.AccessToken = h.tokens.Access(h.Demo.BenLink, 1000*time.Hour)
	case "stranger":
		o.AccessToken = ""
	case "recognised":
		o.PersonID, o.PersonAccessToken = "amzn1.ask.person.ADA", ada
	}
	model, err := infra.Model("en-US")
	if err != nil {
		t.Fatal(err)
	}
	c, err := talk.New(model, send, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stage performs plays in the house.
func (h *house) stage(t testing.TB, send talk.Send) talk.Stage {
	return talk.Stage{
		Conversation: func(lawyer string) *talk.Conversation { return h.device(t, lawyer, send) },
		Pass:         h.clock.Advance,
		Directions: map[string]func(context.Context) error{
			"the firm holds names and amounts back":   h.change(func(f *firm.Firm) { f.Voice.Discretion = true }),
			"the firm allows no notes by voice":       h.change(func(f *firm.Firm) { f.Voice.FreeNotes = false }),
			"the firm remembers names":                h.change(func(f *firm.Firm) { f.Voice.Learn = true }),
			"the firm adds tax":                       h.change(func(f *firm.Firm) { f.Tax = firm.Tax{Name: "GRT", PPM: 50_000} }),
			"the firm holds invoices for two minutes": h.change(func(f *firm.Firm) { f.Mail.Hold = 2 * time.Minute }),
			"the code becomes 004455": func(ctx context.Context) error {
				return h.House.SetCode(ctx, h.setup(), h.Demo.Ada, "004455")
			},
			"an admin limits charges by voice to 20 dollars": func(ctx context.Context) error { return h.limit(ctx, h.Demo.Ada, 2000) },
			"the processor does not answer": func(context.Context) error {
				h.fault.Store(&sandbox.Fault{Kind: sandbox.LoseReply})
				return nil
			},
			"an admin resets the code": func(ctx context.Context) error {
				return h.House.ResetCode(ctx, h.setup(), h.Demo.Ada)
			},
		},
	}
}

// change is a stage direction that changes the firm's settings.
func (h *house) change(f func(*firm.Firm)) func(context.Context) error {
	return func(ctx context.Context) error {
		now, err := h.House.Get(ctx, h.setup())
		if err != nil {
			return err
		}
		f(&now)
		_, err = h.House.ChangeFirm(ctx, h.setup(), now)
		return err
	}
}

// limit lets a person charge at most some cents by voice.
func (h *house) limit(ctx context.Context, person string, cents int64) error {
	people, err := h.House.People(ctx, h.setup())
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.ID == person {
			p.Limit = money.Of(cents, "USD")
			_, err = h.House.ChangePerson(ctx, h.setup(), p)
		}
	}
	return err
}

// furnished is a data folder with the demo firm in it, from which every play gets a copy of its own.
func furnished(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(t.Context(), settings(t, dir, nil), Options{Now: firmtest.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	return dir
}

func copied(t *testing.T, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}
