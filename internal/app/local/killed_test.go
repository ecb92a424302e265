package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// TestKilledAtAnyMomentNothingThatWasSaidIsLost talks to the program over HTTP and kills it with kill -9 at random
// moments, most often while a code is being taken, and starts it again. The sandbox runs in a process of its own, as
// a real processor would, and lives on. After every start all that was said to be done must be there; at the end,
// when nothing is under way any more, the books, the processor and the mail must agree.
func TestKilledAtAnyMomentNothingThatWasSaidIsLost(t *testing.T) {
	k := newKiller(t)
	for k.kills < minKills || time.Since(k.began) < killFor {
		if k.random.IntN(3) == 0 {
			k.time()
		} else {
			k.money()
		}
	}
	stopped, added := sum(k.said.stopped), sum(k.said.added)
	t.Logf("%d kills, %d of them before the answer; said: %d stopped, %d added, %d paid, %d declined", k.kills, k.unheard, stopped, added, len(k.said.paid), k.said.declined)
	if len(k.said.paid) == 0 || stopped == 0 || added == 0 || k.unheard == 0 {
		t.Error("the talk did not get far enough to prove anything")
	}
	k.p.end()
	k.finish()
}

func sum(counts map[string]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

const (
	killFor  = 15 * time.Second
	minKills = 20
)

// said is what the clerk said to be done.
type said struct {
	running  string         // the client whose clock was said to run; empty: not known
	stopped  map[string]int // entries, by client
	noted    []string       // notes
	added    map[string]int // entries put on a bill, by client
	paid     []string       // numbers of invoices
	declined int
}

type killer struct {
	t       *testing.T
	random  *rand.Rand
	dir     string
	env     map[string]string
	sandbox *process
	p       *process
	talk    *talk.Conversation
	demo    Demo

	began   time.Time
	kills   int
	unheard int                      // kills before the answer came
	takes   map[string]time.Duration // how long a turn took last, by its intent
	started time.Time                // when the running clock was said to run
	day     map[string]int           // days of work logged so far, by client
	said    said
}

func newKiller(t *testing.T) *killer {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	k := &killer{
		t: t, random: rand.New(rand.NewPCG(seed, 9)), dir: t.TempDir(), takes: map[string]time.Duration{}, day: map[string]int{},
		said: said{stopped: map[string]int{}, added: map[string]int{}},
	}
	k.sandbox = launch(t, 0, map[string]string{"CLERK_DATA": t.TempDir(), "CLERK_SANDBOX_ADDR": "127.0.0.1:0"}, "sandbox")
	k.env = map[string]string{"CLERK_DATA": k.dir, "CLERK_ADDR": "127.0.0.1:0", "CLERK_SANDBOX_URL": k.sandbox.url}
	k.p = launch(t, 0, k.env)
	k.withBooks(func(a auditor, v store.View) { k.furnish(a) })
	s := &Server{Config: settings(t, k.dir, nil), options: Options{Now: app.UTC}, Demo: &k.demo}
	token, err := os.ReadFile(filepath.Join(k.dir, "demo-token"))
	if err != nil {
		t.Fatal(err)
	}
	k.demo.token = strings.TrimSpace(string(token))
	if k.talk, err = s.conversation("KILLER", k.send); err != nil {
		t.Fatal(err)
	}
	k.began = time.Now()
	return k
}

// payers are clients whose card is charged; Hughes's declines. Others only have their time kept.
var (
	payers = []string{"acme corporation", "beta industries", "schmidt holdings", "schmitt logistics", "hughes medical"}
	others = []string{"nguyen family trust", "o'brien & sons"}
)

// furnish puts a card on file for the payers who have none.
func (k *killer) furnish(a auditor) {
	s := &Server{System: a.system, Demo: &k.demo, Sandbox: k.sandbox.url}
	for _, d := range demoClients {
		if d.client.Number == "1006" || d.client.Number == "1007" {
			d.card = "pm_card_visa"
			if err := s.seedCard(k.t.Context(), d, k.client(a, strings.ToLower(d.client.Name)).ID); err != nil {
				k.t.Fatal(err)
			}
		}
	}
}

// withBooks looks into the data folder, also while the program runs.
func (k *killer) withBooks(f func(auditor, store.View)) {
	k.t.Helper()
	database, err := existing(k.dir)
	if err != nil {
		k.t.Fatal(err)
	}
	defer database.Close()
	v := store.System(database, store.Meta)
	records, err := v.Get(k.t.Context(), v.Key("firm", "demo"))
	if err == nil {
		err = store.Decode(records[0], &k.demo)
	}
	if err != nil || !k.demo.Ready {
		k.t.Fatalf("the demo firm is ready: %t, %v", k.demo.Ready, err)
	}
	secrets, err := openKeys(filepath.Join(k.dir, "secrets"))
	if err != nil {
		k.t.Fatal(err)
	}
	system := app.Join(app.Parts{Store: database, Now: app.UTC, NewID: app.NewID, Pepper: secrets.pepper})
	f(auditor{system, k.demo.Firm, k.sandbox.url, filepath.Join(k.dir, "mail")}, store.Firm(database, k.demo.Firm))
}

func (k *killer) client(a auditor, name string) clients.Client {
	k.t.Helper()
	list, _, err := a.system.Directory.List(k.t.Context(), a.caller(), "")
	if err != nil {
		k.t.Fatal(err)
	}
	for _, c := range list {
		if strings.EqualFold(c.Name, name) {
			return c
		}
	}
	k.t.Fatalf("no client %s among %d", name, len(list))
	return clients.Client{}
}

// time starts or stops a clock. A clock that is stopped in the second in which it was started keeps nothing.
func (k *killer) time() {
	if k.said.running == "" {
		name := others[k.random.IntN(len(others))]
		if x, ok := k.say("tell billing clerk to start the clock for " + name); ok {
			k.want(x, "Started", "Resumed", "already running")
			k.said.running, k.started = name, time.Now()
		}
		return
	}
	if time.Since(k.started) < 1100*time.Millisecond {
		k.running()
		return
	}
	name := k.said.running
	k.said.running = ""
	x, ok := k.say("tell billing clerk to stop the clock for " + name)
	if !ok {
		return
	}
	k.want(x, "Stopped")
	k.said.stopped[name]++
	note := fmt.Sprintf("reviewed file %d", k.kills)
	if x, ok := k.say("note " + note); ok {
		k.want(x, "Noted.")
		k.said.noted = append(k.said.noted, note)
	}
}

// running asks what runs and compares it with what was said.
func (k *killer) running() {
	if x, ok := k.say("tell billing clerk what's running"); ok {
		k.want(x, k.name(k.said.running)+" is running")
	}
}

func (k *killer) name(spoken string) string {
	for _, d := range demoClients {
		if strings.EqualFold(d.client.Name, spoken) {
			return d.client.Name
		}
	}
	return spoken
}

// money logs some work and bills and charges it, answering what is asked on the way.
func (k *killer) money() {
	name := payers[k.random.IntN(len(payers))]
	if !k.log(name) {
		return // a payment of it is under way, or declined
	}
	if x, ok := k.say("tell billing clerk to add the last entry for " + name + " to the bill"); ok {
		k.want(x, "Added", "There is nothing unbilled")
		k.heard(x, name)
	}
	x, ok := k.say("tell billing clerk to charge " + name)
	for ok && x.Listening {
		k.heard(x, name)
		answer := "yes"
		if strings.HasSuffix(x.Speech, "code?") {
			answer = "one two three four"
		}
		x, ok = k.say(answer)
	}
	if ok {
		k.want(x, "Paid.", "declined", "I don't know yet", "still under way", "nothing to charge", "already settled")
		k.heard(x, name)
	}
}

// log writes work of a day of its own for a client that has no open invoice, and reports whether it did; a client
// that does not pay is only charged again.
func (k *killer) log(name string) (free bool) {
	k.withBooks(func(a auditor, _ store.View) {
		c := k.client(a, name)
		bills, _, err := a.system.Billing.OfClient(k.t.Context(), a.caller(), c.ID, "")
		if err != nil {
			k.t.Fatal(err)
		}
		for _, b := range bills {
			if b.State != billing.Paid {
				free = b.Hold == "" && strings.Contains(name, "hughes")
				return
			}
		}
		ada := k.demo.AdaLink
		ada.Channel, ada.Request = firm.ByConsole, app.NewID()
		k.day[name]++
		day := time.Now().AddDate(0, 0, -1-k.day[name]).Format("2006-01-02")
		_, err = a.system.Timesheets.Log(k.t.Context(), ada, clients.Spoken{Heard: name}, timekeeping.Entry{Seconds: 1200, Day: day, Billable: true})
		if err != nil {
			k.t.Fatal(err)
		}
		free = true
	})
	return free
}

// heard keeps what an answer says to be done.
func (k *killer) heard(x talk.Exchange, name string) {
	if strings.HasPrefix(x.Speech, "Added") {
		k.said.added[name]++
	}
	if strings.Contains(x.Speech, "declined") {
		k.said.declined++
	}
	if _, after, ok := strings.Cut(x.Speech, "Paid. Invoice "); ok {
		number, _, _ := strings.Cut(after, " ")
		k.said.paid = append(k.said.paid, number)
	}
}

func (k *killer) want(x talk.Exchange, any ...string) {
	k.t.Helper()
	for _, part := range any {
		if strings.Contains(x.Speech, part) {
			return
		}
	}
	k.t.Fatalf("after %d kills %q was answered %q; wanted one of %q", k.kills, x.Heard, x.Speech, any)
}

// say says a sentence; ok is false if nobody ever answered it.
func (k *killer) say(text string) (x talk.Exchange, ok bool) {
	x, err := k.talk.Say(k.t.Context(), text)
	if err != nil && !errors.Is(err, errUnheard) {
		k.t.Fatalf("%q: %v", text, err)
	}
	return x, err == nil
}

var errUnheard = errors.New("the program was killed before it answered")

// send posts a request, and may kill the program meanwhile or soon after. A request that got no answer is posted
// again to the next process, as the same request, or given up.
func (k *killer) send(ctx context.Context, request []byte) ([]byte, error) {
	for {
		wait := k.moment(request)
		if wait == 0 {
			return k.post(ctx, request)
		}
		time.AfterFunc(wait, k.p.kill)
		answer, err := k.post(ctx, request)
		<-k.p.gone
		k.kills++
		k.p = launch(k.t, 0, k.env)
		k.check()
		if err == nil {
			return answer, nil
		}
		k.unheard++
		if k.random.IntN(2) == 0 {
			return nil, errUnheard
		}
	}
}

// moment draws when the program is killed after a request is sent, 0: not now. Half of the moments lie within the turn,
// the others go on until the effects are out.
func (k *killer) moment(request []byte) time.Duration {
	chance := 5
	if bytes.Contains(request, []byte(`"CodeIntent"`)) || bytes.Contains(request, []byte(`"YesCodeIntent"`)) {
		chance = 2
	}
	if k.random.IntN(chance) > 0 {
		return 0
	}
	span := max(k.takes[kind(request)], 2*time.Millisecond)
	if k.random.IntN(2) == 0 {
		span = 100 * time.Millisecond
	}
	return 1 + time.Duration(k.random.Int64N(int64(span)))
}

func kind(request []byte) string {
	var r struct {
		Request struct {
			Intent struct{ Name string } `json:"intent"`
		} `json:"request"`
	}
	_ = json.Unmarshal(request, &r) // it is the test's own
	return r.Request.Intent.Name
}

func (k *killer) post(ctx context.Context, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, k.p.url+"/alexa", bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	began := time.Now()
	response, err := once.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		k.t.Fatalf("%s: %s", response.Status, body)
	}
	k.takes[kind(request)] = time.Since(began)
	return body, err
}

// once makes a connection for every request: none is kept to a process that is gone.
var once = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
