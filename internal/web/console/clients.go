package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// Clients is the firm's clients and matters: clients.Directory. What a person is screened from is not there.
type Clients interface {
	List(ctx context.Context, c firm.Caller, cursor string) (list []clients.Client, next string, err error)
	Get(ctx context.Context, c firm.Caller, client string) (clients.Client, error)
	Matters(ctx context.Context, c firm.Caller, client string) ([]clients.Matter, error)
	Matter(ctx context.Context, c firm.Caller, client, matter string) (clients.Client, clients.Matter, error)
	Screen(ctx context.Context, c firm.Caller, client, matter string, s clients.Screening) error
}

// ClientsPage is a page of the clients, in the order of their numbers.
type ClientsPage struct {
	List    []ClientItem
	Further string // address of what did not fit
}

// ClientItem is one client in the list.
type ClientItem struct {
	ID, Number, Name, Also, Email string
	State                         Tag
}

// ClientPage is one client.
type ClientPage struct {
	ClientItem
	Address []string
	Rate    string // an hour; empty: the firm's, or not to be seen
	Matters []MatterItem
}

// MatterItem is one matter of a client.
type MatterItem struct {
	ID, Number, Name, Rate string
	State                  Tag
	Opened                 site.When
	Screened               string // from "2 people"; for who manages
}

// MatterPage is one matter, and who is screened from it.
type MatterPage struct {
	MatterItem
	Client ClientItem
	Manage bool
	Screen ScreenForm
}

// ScreenForm is who is screened from a matter, as it was chosen.
type ScreenForm struct {
	People      []Choice // everybody but the visitor, who can't screen themselves
	Was         []string // who was screened when the form was shown
	Why         string   // the reason that was given last
	Reason      string
	Wrong, Once string
}

var (
	clientsPage = site.NewPage[ClientsPage](files, "templates/clients.html")
	clientPage  = site.NewPage[ClientPage](files, "templates/client.html")
	matterPage  = site.NewPage[MatterPage](files, "templates/matter.html")

	saidScreened = site.Say("matter.screened", "Saved. For whoever is screened, the matter does not exist from now on.")
)

func openTag(closed bool) Tag {
	if closed {
		return Tag{"closed", ""}
	}
	return Tag{"open", "good"}
}

func clientItem(c clients.Client) ClientItem {
	return ClientItem{c.ID, c.Number, c.Name, strings.Join(c.Aliases, ", "), c.Email, openTag(c.Closed)}
}

func matterItem(m clients.Matter, v site.Visitor) MatterItem {
	item := MatterItem{ID: m.ID, Number: m.Number, Name: m.Name, Rate: decimal(m.Rate), State: openTag(m.Closed), Opened: site.DayOf(m.Opened, v.Zone())}
	if n := len(m.Screened); n > 0 {
		item.Screened = site.Count(n, "person", "people")
	}
	return item
}

func (d Desks) clients(w http.ResponseWriter, r *http.Request) error {
	list, next, err := d.Clients.List(r.Context(), site.Visiting(r).Caller, r.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	var page ClientsPage
	for _, c := range list {
		page.List = append(page.List, clientItem(c))
	}
	if next != "" {
		page.Further = "/console/clients?" + url.Values{"from": {next}}.Encode()
	}
	return clientsPage.Write(w, r, http.StatusOK, "Clients", page)
}

func (d Desks) client(w http.ResponseWriter, r *http.Request) error {
	v := site.Visiting(r)
	c, err := d.Clients.Get(r.Context(), v.Caller, r.PathValue("client"))
	if err != nil {
		return err
	}
	matters, err := d.Clients.Matters(r.Context(), v.Caller, c.ID)
	if err != nil {
		return err
	}
	page := ClientPage{ClientItem: clientItem(c), Address: c.Address, Rate: decimal(c.Rate)}
	for _, m := range matters {
		page.Matters = append(page.Matters, matterItem(m, v))
	}
	return clientPage.Write(w, r, http.StatusOK, c.Name, page)
}

func (d Desks) matter(w http.ResponseWriter, r *http.Request) error {
	return d.matterAgain(w, r, http.StatusOK, nil)
}

// sentScreen is the form as it was sent, and what was wrong with it.
type sentScreen struct {
	ticked        []string
	reason, wrong string
}

// matterAgain shows the matter, with the form as it was sent when something was wrong with it.
func (d Desks) matterAgain(w http.ResponseWriter, r *http.Request, status int, sent *sentScreen) error {
	v := site.Visiting(r)
	c, m, err := d.Clients.Matter(r.Context(), v.Caller, r.PathValue("client"), r.PathValue("matter"))
	if err != nil {
		return err
	}
	page := MatterPage{MatterItem: matterItem(m, v), Client: clientItem(c), Manage: v.May(firm.Manage) == nil}
	if page.Manage {
		if page.Screen, err = d.screenForm(r, m, sent); err != nil {
			return err
		}
	}
	return matterPage.Write(w, r, status, m.Name+", "+c.Name, page)
}

// screenForm offers everybody who could be screened: who left stays on the list while they are.
func (d Desks) screenForm(r *http.Request, m clients.Matter, sent *sentScreen) (ScreenForm, error) {
	v := site.Visiting(r)
	all, err := d.People.Members(r.Context(), v.Caller)
	if err != nil {
		return ScreenForm{}, err
	}
	form, chosen := ScreenForm{Was: m.Screened, Why: m.Why, Once: d.NewID()}, m.Screened
	if sent != nil {
		form.Reason, form.Wrong, chosen = sent.reason, sent.wrong, sent.ticked
	}
	for _, p := range all {
		item := d.item(p, v)
		if on := slices.Contains(chosen, p.ID); !item.You && (p.Active || on || slices.Contains(m.Screened, p.ID)) {
			form.People = append(form.People, Choice{p.ID, item.Name, item.Role, on})
		}
	}
	return form, nil
}

// screen saves what the form changed, so that what somebody else changed meanwhile stays.
func (d Desks) screen(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	ticked, was := form["person"], form["was"]
	change := clients.Screening{Add: without(ticked, was), Lift: without(was, ticked), Reason: form.Get("reason")}
	if len(change.Add)+len(change.Lift) == 0 {
		err = errNoChange
	} else {
		err = d.Clients.Screen(r.Context(), site.Visiting(r).Caller, r.PathValue("client"), r.PathValue("matter"), change)
	}
	if fault.KindOf(err) == fault.Invalid {
		return d.matterAgain(w, r, http.StatusUnprocessableEntity, &sentScreen{ticked, change.Reason, site.Message(err)})
	}
	if err != nil {
		return err
	}
	return site.Done(w, r, "/console/clients/"+url.PathEscape(r.PathValue("client"))+"/matters/"+url.PathEscape(r.PathValue("matter")), saidScreened)
}

// without returns those of a list that are not on another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(p string) bool { return slices.Contains(other, p) })
}

var errNoChange = fault.New(fault.Invalid, "matter.screen-same", "Tick or untick somebody first.")
