package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Window is how long an idempotency key is remembered (docs.stripe.com/api/idempotent_requests: at least 24 hours).
const Window = 24 * time.Hour

// ErrNoAnswer means that no answer reaches the caller: the request or its reply was lost on the way.
var ErrNoAnswer = errors.New("sandbox: no answer")

// Call is a request as the wire carries it.
type Call struct {
	Method string
	Path   string // "/v1/payment_intents"
	Form   string // the body of a POST or the query of a GET, form-encoded
	Key    string // the Idempotency-Key header; heeded on POST only
}

// Answer is what goes back.
type Answer struct {
	Status   int
	Body     []byte // JSON
	Replayed bool   // it was stored by an earlier request with the same key
}

// Core is the processor without a network: its state and its rules, under one lock. All that varies is injected, so
// the same calls give the same answers.
type Core struct {
	opt  Options
	save func(entry) error // makes an entry durable; nil: kept in memory only

	mu    sync.Mutex
	state state
	held  map[string]bool // idempotency keys of requests now being worked on
	late  []Call          // requests that will arrive after their callers gave up
	seen  func()          // told after each commit that made an event; nil: nobody
}

// state is everything that survives.
type state struct {
	objects   map[string]object
	order     []string // ids, oldest first
	open      []string // ids of what time alone may change
	replies   map[string]reply
	keys      []string        // of replies, oldest first
	delivered map[string]bool // event ids that the webhook's owner has acknowledged
}

// reply is a stored answer.
type reply struct {
	Key    string `json:"key"`
	Print  string `json:"print"` // hash of method, path and parameters
	At     int64  `json:"at"`
	Status int    `json:"status"`
	Body   string `json:"body"` // text, so that it comes back byte by byte
}

// NewCore returns an empty processor that keeps its state in memory.
func NewCore(opt Options) *Core {
	return &Core{opt: opt.filled(), held: map[string]bool{}, state: state{
		objects: map[string]object{}, replies: map[string]reply{}, delivered: map[string]bool{},
	}}
}

// Do performs a call. Errors: ErrNoAnswer, or the journal's when nothing could be made durable; the effect of the
// call is then not known to the caller.
func (c *Core) Do(call Call) (Answer, error) { return c.do(call, func(time.Duration) {}) }

// do performs a call; wait passes the time that a fault asks for, while the key is in use and the lock is not held.
func (c *Core) do(call Call, wait func(time.Duration)) (Answer, error) {
	if call.Method != http.MethodPost {
		call.Key = ""
	}
	fault := c.opt.Fault(call)
	switch fault.Kind {
	case Vanish:
		return Answer{}, ErrNoAnswer
	case Late:
		return Answer{}, c.postpone(call)
	case RateLimit:
		return errRateLimit().answer(), nil
	}
	if fault.Kind == Busy || !c.hold(call.Key) {
		return errKeyInUse(call.Key).answer(), nil
	}
	defer c.release(call.Key)
	if fault.Delay > 0 {
		wait(fault.Delay)
	}
	answer, err := c.perform(call, fault)
	if err == nil && fault.Kind == LoseReply {
		return Answer{}, ErrNoAnswer
	}
	return answer, err
}

// Arrive lets the requests arrive that were late, in the order they were sent. Nobody hears their answers.
func (c *Core) Arrive() error {
	c.mu.Lock()
	calls := c.late
	c.late = nil
	c.mu.Unlock()
	for _, call := range calls {
		if _, err := c.perform(call, Fault{}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) postpone(call Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = append(c.late, call)
	return ErrNoAnswer
}

func (c *Core) hold(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if key == "" {
		return true
	}
	if c.held[key] {
		return false
	}
	c.held[key] = true
	return true
}

func (c *Core) release(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, key)
}

func (c *Core) perform(call Call, fault Fault) (Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.settle(); err != nil {
		return Answer{}, err
	}
	now, print := c.opt.Now(), call.print()
	if stored, ok := c.state.replies[call.Key]; ok && now.Unix()-stored.At < int64(Window/time.Second) {
		if stored.Print != print {
			return errKeyMismatch(call.Key).answer(), nil
		}
		return Answer{Status: stored.Status, Body: []byte(stored.Body), Replayed: true}, nil
	}
	t := c.begin(call, fault)
	answer := t.run()
	entry := t.entry()
	if call.Key != "" && storable(answer.Status) {
		entry.Reply = &reply{Key: call.Key, Print: print, At: now.Unix(), Status: answer.Status, Body: string(answer.Body)}
	}
	return answer, c.commit(entry)
}

// storable tells which answers a key remembers: those given once execution began, stored failures included.
func storable(status int) bool {
	return status == http.StatusOK || status == http.StatusPaymentRequired || status >= 500
}

// commit makes an entry durable, and only then true.
func (c *Core) commit(e entry) error {
	if e.empty() {
		return nil
	}
	if c.save != nil {
		if err := c.save(e); err != nil {
			return err
		}
	}
	if events := c.state.apply(e); events && c.seen != nil {
		c.seen()
	}
	return nil
}

// settle lets pass what time alone brings about: pages run out, refunds settle or fail.
func (c *Core) settle() error {
	t := c.begin(Call{}, Fault{})
	for _, id := range c.state.open {
		switch o := c.state.objects[id].(type) {
		case Session:
			t.settleSession(o)
		case Refund:
			t.settleRefund(o)
		}
	}
	return c.commit(t.entry())
}

// print identifies a request's content; the same parameters in another order are the same request.
func (call Call) print() string {
	values, err := url.ParseQuery(call.Form)
	form := call.Form
	if err == nil {
		form = values.Encode()
	}
	sum := sha256.Sum256([]byte(call.Method + "\n" + call.Path + "\n" + form))
	return hex.EncodeToString(sum[:])
}
