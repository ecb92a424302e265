package local

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/app/pages"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
	"github.com/billingclerk/billingclerk/internal/web/site"
	"github.com/billingclerk/billingclerk/internal/web/talkpage"
)

// handler serves the skill and the pages on one port.
func (s *Server) handler() (http.Handler, error) {
	web, err := s.pages()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/alexa", s.alexa())
	mux.Handle("/", web)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		s.nudge()
	}), nil
}

// pages is everything that browsers, payers and the processor reach.
func (s *Server) pages() (*site.Site, error) {
	home, origins := s.home()
	linking, err := s.linking()
	if err != nil {
		return nil, err
	}
	return pages.New(pages.Config{
		System: s.System, Office: s.office, Links: s.tokens, Base: s.URL, PayOrigins: origins, Home: home,
		Linking: linking, Tokens: s.tokens, Setup: s.setup, SignUp: s.Config.SignUp,
	})
}

// home is the talk page of a demo, and where payers may be sent.
func (s *Server) home() (routes []site.Route, origins []string) {
	if s.Demo == nil {
		return nil, []string{pages.Stripe}
	}
	return talkpage.Routes(talkpage.Config{
		Talker: &talker{server: s}, Mail: os.DirFS(s.mailDir()), Sandbox: s.Sandbox + "/", Code: DemoCode, NewID: app.NewID,
		Zone: firm.Firm{Zone: demoZone}.Location(),
	}), []string{s.Sandbox}
}

// alexa verifies Amazon's signature and whose skill is asked, except from this machine in a demo, where nobody else
// can ask. A demo that was told its skill's id still refuses another's.
func (s *Server) alexa() http.Handler {
	verifier := s.options.Alexa
	if verifier == nil {
		verifier = &alexa.Verifier{Client: outbound.Client(callTimeout), Now: s.House.Now}
	}
	verified := verifier.Wrap(s.skill)
	here := *s.skill
	here.AnyApplication = s.Config.SkillID == config.DemoSkillID
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Demo != nil && fromHere(r, s.listener.Addr()) {
			here.ServeHTTP(w, r)
			return
		}
		verified.ServeHTTP(w, r)
	})
}

// forwarding are the headers that a proxy or a tunnel adds: what carries one comes from elsewhere.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via", "Cf-Connecting-Ip", "True-Client-Ip"}

// fromHere reports whether a request can only come from this machine: the listener and the asked host are loopback,
// and nothing forwarded it.
func fromHere(r *http.Request, listener net.Addr) bool {
	if !config.Loopback(listener.String()) || !config.Loopback(r.Host) {
		return false
	}
	for _, h := range forwarding {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	return true
}

// talker plays the device for the talk page: a conversation for each session of the page.
type talker struct {
	server *Server
	mu     sync.Mutex
	open   map[string]*talk.Conversation
	order  []string // oldest first
}

// maxTalks is how many conversations are remembered.
const maxTalks = 100

// Say says a sentence in a session.
func (t *talker) Say(ctx context.Context, session, text string) (talk.Exchange, error) {
	c, err := t.conversation(session)
	if err != nil {
		return talk.Exchange{}, err
	}
	c.Link(t.server.Demo.Token())
	return c.Say(ctx, text)
}

func (t *talker) conversation(session string) (*talk.Conversation, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c, ok := t.open[session]; ok {
		return c, nil
	}
	c, err := t.server.conversation(session, t.server.skill.Handle)
	if err != nil {
		return nil, err
	}
	if t.open == nil {
		t.open = map[string]*talk.Conversation{}
	}
	if t.order = append(t.order, session); len(t.order) > maxTalks {
		delete(t.open, t.order[0])
		t.order = t.order[1:]
	}
	t.open[session] = c
	return c, nil
}

// conversation is a device of the demo lawyer's.
func (s *Server) conversation(device string, send talk.Send) (*talk.Conversation, error) {
	model, err := infra.Model(infra.Locales[0])
	if err != nil {
		return nil, fmt.Errorf("interaction model: %w", err)
	}
	return talk.New(model, send, talk.Options{
		ApplicationID: s.Config.SkillID, UserID: "amzn1.ask.account.DEMO", DeviceID: "amzn1.ask.device." + device,
		AccessToken: s.Demo.Token(), Zone: firm.Firm{Zone: demoZone}.Location(), Now: s.options.Now, NewID: app.NewID,
	})
}
