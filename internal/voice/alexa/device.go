package alexa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/voice"
)

// Service is Alexa's own service, which a request lets us ask about the device, and say something before the answer.
// It is never relied on: when it does not answer in time, nothing is known and nothing is said.
type Service struct {
	Transport http.RoundTripper
	Now       func() time.Time

	mu    sync.Mutex
	zones map[string]knownZone // by device
}

type knownZone struct {
	name  string
	until time.Time
}

const (
	askFor    = 1200 * time.Millisecond // Alexa waits about 8 s for the whole answer
	zoneLasts = time.Hour               // people do travel with a device, but seldom
	maxZones  = 1000
)

// hosts are Alexa's service in North America, Europe and the Far East. A request that names another one is not believed:
// the token in it opens just these.
var hosts = map[string]bool{"api.amazonalexa.com": true, "api.eu.amazonalexa.com": true, "api.fe.amazonalexa.com": true}

var errEndpoint = errors.New("alexa: the request names a service that is not Alexa's")

// device is where a request came from. Without a service it knows nothing and says nothing.
type device struct {
	service *Service
	system  *System
	request string // id
	said    sync.WaitGroup
}

// Zone asks for the device's time zone, once an hour.
func (d *device) Zone(ctx context.Context) string {
	s := d.service
	if s == nil || d.system.Device.ID == "" {
		return ""
	}
	if name, ok := s.known(d.system.Device.ID); ok {
		return name
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	var name string
	if err := s.call(ctx, d.system, http.MethodGet, "/v2/devices/"+url.PathEscape(d.system.Device.ID)+"/settings/System.timeZone", nil, &name); err != nil {
		return ""
	}
	s.keep(d.system.Device.ID, name)
	return name
}

// Say says something while the answer is being made. It does not wait.
func (d *device) Say(ctx context.Context, words voice.Speech) {
	if d.service == nil || d.request == "" {
		return
	}
	d.said.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, askFor)
		defer cancel()
		// Not being heard is no failure of the answer.
		_ = d.service.call(ctx, d.system, http.MethodPost, "/v1/directives", progress(d.request, words), nil)
	})
}

// finish waits for what is still being said: what is said after the answer, Alexa refuses.
func (d *device) finish() { d.said.Wait() }

func progress(request string, words voice.Speech) any {
	return map[string]any{
		"header":    map[string]string{"requestId": request},
		"directive": map[string]string{"type": "VoicePlayer.Speak", "speech": words.SSML()},
	}
}

// call asks the service that the request names, with the token that it carries. into may be nil.
func (s *Service) call(ctx context.Context, from *System, method, path string, body, into any) error {
	at, err := url.Parse(from.APIEndpoint)
	if err != nil || at.Scheme != "https" || !hosts[at.Host] || at.User != nil || at.Path != "" && at.Path != "/" || at.RawQuery != "" || from.APIAccessToken == "" {
		return errEndpoint
	}
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, "https://"+at.Host+path, sent)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+from.APIAccessToken)
	r.Header.Set("Content-Type", "application/json")
	answer, err := s.Transport.RoundTrip(r) // a redirect is not followed
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // read as far as it is wanted
	if answer.StatusCode >= 300 {
		return fmt.Errorf("alexa: the service answers %d", answer.StatusCode)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(io.LimitReader(answer.Body, 1<<10)).Decode(into)
}

func (s *Service) known(device string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, ok := s.zones[device]
	return z.name, ok && s.Now().Before(z.until)
}

func (s *Service) keep(device, zone string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.zones == nil || len(s.zones) >= maxZones {
		s.zones = map[string]knownZone{}
	}
	s.zones[device] = knownZone{zone, s.Now().Add(zoneLasts)}
}
