// Package talkpage is a page on which one can talk to the skill without a device: a sentence in, the answer out, and
// beside it what was sent and what came back. Only a local demo mounts it; it is never deployed, because whoever
// opens it speaks as the demo lawyer.
//
// The way in is Routes.
package talkpage

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// Talker is a conversation for each session: it plays the part of the device.
type Talker interface {
	Say(ctx context.Context, session, text string) (talk.Exchange, error)
}

// Config is what the talk page is built from.
type Config struct {
	Talker Talker
	// Mail is the folder in which the local server leaves what it sends, as .eml files.
	Mail fs.FS
	// Sandbox is the address of the stand-in for the card processor, shown on the page. Empty: not shown.
	Sandbox string
	// Code is the demo lawyer's voice code, offered when a code is asked for. Empty: not offered.
	Code string
	// NewID makes session ids.
	NewID func() string
	// Zone is where the mail's times are shown.
	Zone *time.Location
}

//go:embed templates/*.html
var files embed.FS

//go:embed static/*
var static embed.FS

var _ = site.AddAssets(static, "static")

// Page is the conversation.
type Page struct {
	Session string
	Turns   []Turn
	Tries   []string
	Mail    MailList
	Sandbox string
}

// Turn is one sentence and its answer.
type Turn struct {
	Said      string
	Answer    string
	Reprompt  string
	Card      string
	Intent    string
	Slots     []Slot
	Request   string // JSON, indented
	Response  string
	Link      bool // a card asks to link the account
	Listening bool
	Session   string
	Pending   []Slot   // what the skill keeps until the next turn
	Replies   []string // what may be answered; only after the last turn
	Failed    string   // what went wrong instead of an answer
}

// Slot is what the sentence held.
type Slot struct{ Name, Value string }

// tries are the four sentences that the whole cycle takes.
var tries = []string{
	"tell billing clerk to start clock with customer acme",
	"tell billing clerk to stop clock with customer acme",
	"tell billing clerk to add last transaction from customer acme to bill",
	"tell billing clerk to charge customer acme credit card and send invoice",
}

var page = site.NewPage[Page](files, "templates/talk.html", "templates/turn.html", "templates/mail.html")

type desk struct {
	Config
	memory memory
}

// Routes is the talk page and what belongs to it.
func Routes(cfg Config) []site.Route {
	d := &desk{Config: cfg, memory: memory{sessions: map[string]*transcript{}}}
	return []site.Route{
		{Method: "GET", Path: "/{$}", Who: site.Anyone, Serve: d.show, Microphone: true},
		{Method: "POST", Path: "/talk", Who: site.Anyone, Serve: d.say, MaxBody: 4 << 10},
		{Method: "POST", Path: "/talk/new", Who: site.Anyone, Serve: d.startOver},
		{Method: "GET", Path: "/talk/mail", Who: site.Anyone, Serve: d.mailPart},
		{Method: "GET", Path: "/mail/{file}", Who: site.Anyone, Serve: d.letter},
		{Method: "GET", Path: "/mail/{file}/{part}", Who: site.Anyone, Serve: d.attachment},
	}
}

const cookieName = "talk"

func (d *desk) show(w http.ResponseWriter, r *http.Request) error {
	var session string
	if c, err := r.Cookie(cookieName); err == nil && plain(c.Value) {
		session = c.Value
	} else {
		session = d.newSession(w)
	}
	turns := d.memory.of(session).all()
	for i := range turns {
		if i < len(turns)-1 {
			turns[i].Replies = nil
		}
	}
	p := Page{Session: session, Turns: turns, Tries: tries, Mail: d.mail(), Sandbox: d.Sandbox}
	return page.Write(w, r, http.StatusOK, "Talk", p, "talk.js")
}

func (d *desk) newSession(w http.ResponseWriter) string {
	session := d.NewID()
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return session
}

func (d *desk) startOver(w http.ResponseWriter, r *http.Request) error {
	d.newSession(w)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// sentence is what is posted, as a form or as JSON.
type sentence struct {
	Session string `json:"session"`
	Text    string `json:"text"`
}

// maxText is the most characters of a sentence; a device hears less.
const maxText = 500

var errSentence = fault.New(fault.Invalid, "talk.sentence", "Say a sentence of at most 500 characters, in a conversation that began on this page.")

// say takes a sentence and answers in kind: JSON with the exchange, a script with the turn alone, a form with the page.
func (d *desk) say(w http.ResponseWriter, r *http.Request) error {
	said, asJSON, err := readSentence(r)
	if err != nil {
		return err
	}
	t := d.memory.of(said.Session)
	x, err := t.say(r.Context(), d, said)
	switch {
	case err != nil && (asJSON || fault.KindOf(err) == fault.Internal):
		return err
	case asJSON:
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(x)
	case r.Header.Get("X-Part") == "turn":
		turns := t.all()
		return page.Part(w, "turn", turns[len(turns)-1])
	}
	http.Redirect(w, r, "/#last", http.StatusSeeOther)
	return nil
}

func readSentence(r *http.Request) (said sentence, asJSON bool, err error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		asJSON = true
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return said, asJSON, err
		}
		if err := json.Unmarshal(body, &said); err != nil {
			return said, asJSON, errSentence.Because(errors.New("not JSON"))
		}
	} else {
		form, err := site.Form(r)
		if err != nil {
			return said, asJSON, err
		}
		said = sentence{form.Get("session"), form.Get("text")}
	}
	said.Text = strings.TrimSpace(said.Text)
	if said.Text == "" || len(said.Text) > maxText || !plain(said.Session) {
		return said, asJSON, errSentence
	}
	return said, asJSON, nil
}

func plain(session string) bool {
	return session != "" && len(session) <= 64 && strings.Trim(session, "-0123456789abcdefghijklmnopqrstuvwxyz") == ""
}

// turn shows an exchange.
func (d *desk) turn(said sentence, x talk.Exchange, err error) Turn {
	if err != nil {
		return Turn{Said: said.Text, Failed: site.Message(err)}
	}
	t := Turn{
		Said: said.Text, Session: said.Session, Pending: pending(x), Replies: d.replies(x), Answer: x.Speech, Reprompt: x.Reprompt, Card: x.Card, Intent: x.Intent,
		Request: indented(x.Request), Response: indented(x.Response), Link: x.Link, Listening: x.Listening,
	}
	for name, value := range x.Slots {
		t.Slots = append(t.Slots, Slot{name, value})
	}
	slices.SortFunc(t.Slots, func(a, b Slot) int { return strings.Compare(a.Name, b.Name) })
	return t
}

func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}
