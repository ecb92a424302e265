package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// People is the firm's people and settings: firm.House.
type People interface {
	Members(ctx context.Context, c firm.Caller) ([]firm.Member, error)
	Invite(ctx context.Context, c firm.Caller, p firm.Person) (firm.Person, error)
	Reinvite(ctx context.Context, c firm.Caller, person string) (firm.Person, error)
	Withdraw(ctx context.Context, c firm.Caller, person string) error
	ChangePerson(ctx context.Context, c firm.Caller, p firm.Person) (firm.Person, error)
	ChangeFirm(ctx context.Context, c firm.Caller, f firm.Firm) (firm.Firm, error)
}

// Addresses changes people's e-mail addresses, by a link to the new one: invite.Desk.
type Addresses interface {
	AskAddress(ctx context.Context, c firm.Caller, person, email string) error
}

// Factors takes away what a person proves themselves with besides their password: auth.Desk.
type Factors interface {
	ClearFactors(ctx context.Context, c firm.Caller, person string) error
}

// PeoplePage is everybody in the firm, and the form that invites one more.
type PeoplePage struct {
	List   []PersonItem
	Alone  bool // nobody but the visitor
	Invite PersonForm
}

// PersonItem is one person in the list.
type PersonItem struct {
	ID, Name, Email, Role string
	State                 Tag
	Locked                bool
	You                   bool
}

// PersonForm is what a person may be given, as it was typed.
type PersonForm struct {
	Name, Email, Role, Rate, Limit, Zone, LEDES string
	Own                                         bool // a set of their own, in place of the role's
	Roles                                       []Choice
	Permissions                                 []Choice
	Zones                                       []string
	Currency                                    string
	Wrong, Once                                 string
	Revision                                    string
}

// Choice is one thing that can be chosen.
type Choice struct {
	Value, Text, Hint string
	On                bool
}

// PersonPage is one person.
type PersonPage struct {
	PersonItem
	Form                     PersonForm
	Invited, Active, HasCode bool
	Expires                  site.When
	Once                     string // of the acts beside the form: they differ by their names
	NewEmail, EmailWrong     string
}

var (
	peoplePage = site.NewPage[PeoplePage](files, "templates/people.html", "templates/personfields.html")
	personPage = site.NewPage[PersonPage](files, "templates/person.html", "templates/personfields.html")
)

// What an act says about itself on the page that follows.
var (
	saidInvited     = site.Say("person.invited", "The invitation is on its way. Its link works once, for seven days.")
	saidWithdrawn   = site.Say("person.withdrawn", "The invitation is taken back. Its link does not work any more.")
	saidChanged     = site.Say("person.changed", "Saved.")
	saidDeactivated = site.Say("person.deactivated", "Deactivated. Every session and every linked Alexa account of theirs has ended.")
	saidActivated   = site.Say("person.activated", "Active again. They sign in as before, and link Alexa anew.")
	saidCleared     = site.Say("person.factors", "Their passkeys and second factor are gone, and their sessions have ended. Their password alone signs them in.")
	saidAddress     = site.Say("person.address", "A link is on its way to the new address, and a notice to the old one. Nothing changes until the link is used.")
)

var roleWords = []Choice{
	{Value: string(firm.Admin), Text: "Admin", Hint: "everything, and the firm’s people and settings"},
	{Value: string(firm.Lawyer), Text: "Lawyer", Hint: "time, bills and charges"},
	{Value: string(firm.Timekeeper), Text: "Timekeeper", Hint: "their own time"},
	{Value: string(firm.Bookkeeper), Text: "Bookkeeper", Hint: "bills, charges and what needs a person; no time"},
	{Value: string(firm.ReadOnly), Text: "Read-only", Hint: "looks, and changes nothing"},
}

var permissionWords = []Choice{
	{Value: string(firm.Charge), Text: "Charge cards"},
	{Value: string(firm.Approve), Text: "Approve bills before they are charged"},
	{Value: string(firm.Refund), Text: "Refund"},
	{Value: string(firm.Disburse), Text: "Pay out money held in trust"},
	{Value: string(firm.SeeRates), Text: "See rates"},
}

var stateTags = map[firm.State]Tag{
	firm.StateActive: {"active", "good"}, firm.StateInvited: {"invited", "warn"},
	firm.StateExpired: {"invitation over", "bad"}, firm.StateDeactivated: {"deactivated", ""},
}

func (d Desks) item(m firm.Member, v site.Visitor) PersonItem {
	item := PersonItem{ID: m.ID, Name: m.Name, Email: m.Email, State: stateTags[m.State(d.Now())], Locked: m.Locked, You: m.ID == v.Person.ID}
	if item.Name == "" {
		item.Name = m.Email
	}
	for _, r := range roleWords {
		if r.Value == string(m.Role) {
			item.Role = r.Text
		}
	}
	return item
}

func (d Desks) people(w http.ResponseWriter, r *http.Request) error {
	return d.peopleAgain(w, r, http.StatusOK, d.formOf(site.Visiting(r).Firm, firm.Person{Role: firm.Lawyer}))
}

func (d Desks) peopleAgain(w http.ResponseWriter, r *http.Request, status int, form PersonForm) error {
	v := site.Visiting(r)
	all, err := d.People.Members(r.Context(), v.Caller)
	if err != nil {
		return err
	}
	page := PeoplePage{Invite: form, Alone: len(all) == 1}
	for _, m := range all {
		page.List = append(page.List, d.item(m, v))
	}
	return peoplePage.Write(w, r, status, "People", page)
}

// formOf is the form that shows a person as they are.
func (d Desks) formOf(f firm.Firm, p firm.Person) PersonForm {
	form := PersonForm{
		Name: p.Name, Email: p.Email, Role: string(p.Role), Zone: p.Zone, LEDES: p.LEDES, Rate: decimal(p.Rate), Limit: decimal(p.Limit),
		Own: p.Own != nil, Revision: revision(p.Revision),
	}
	return d.choices(form, f, p)
}

// choices fills in what the form offers, with what a person has chosen.
func (d Desks) choices(form PersonForm, f firm.Firm, p firm.Person) PersonForm {
	form.Zones, form.Currency, form.Once = site.Zones, f.Currency, d.NewID()
	form.Roles, form.Permissions = slices.Clone(roleWords), slices.Clone(permissionWords)
	for i := range form.Roles {
		form.Roles[i].On = form.Roles[i].Value == form.Role
	}
	for i := range form.Permissions {
		form.Permissions[i].On = p.May(firm.Permission(form.Permissions[i].Value))
	}
	return form
}

// typedPerson reads the form into a person. What was typed is kept; the fault is of what could not be read.
func (d Desks) typedPerson(form url.Values, f firm.Firm, p firm.Person) (firm.Person, PersonForm, error) {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	typed := PersonForm{
		Name: get("name"), Email: get("email"), Role: get("role"), Zone: get("zone"), LEDES: get("ledes"), Rate: get("rate"), Limit: get("limit"),
		Own: get("own") == "own", Revision: get("revision"),
	}
	p.Name, p.Role, p.Zone, p.LEDES, p.Own = typed.Name, firm.Role(typed.Role), typed.Zone, typed.LEDES, nil
	if typed.Own {
		p.Own = []firm.Permission{}
		for _, may := range form["may"] {
			p.Own = append(p.Own, firm.Permission(may))
		}
	}
	p.Revision = atoi(typed.Revision)
	var err error
	if p.Rate, err = amount(typed.Rate, f.Currency); err == nil {
		p.Limit, err = amount(typed.Limit, f.Currency)
	}
	return p, d.choices(typed, f, p), err
}

// amount reads an amount of money; nothing is none.
func amount(text, currency string) (money.Amount, error) {
	if text == "" {
		return money.Amount{}, nil
	}
	a, err := money.Parse(text, currency)
	if err != nil {
		return a, errMoney.Because(err)
	}
	return a, nil
}

var errMoney = fault.New(fault.Invalid, "form.amount", "Write amounts like 250 or 250.00.")

func decimal(a money.Amount) string {
	if a.IsZero() {
		return ""
	}
	return a.Decimal()
}

// invite sends an invitation. What was typed is kept when something is wrong with it.
func (d Desks) invite(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	v := site.Visiting(r)
	p, typed, err := d.typedPerson(form, v.Firm, firm.Person{})
	p.Email, p.Revision = typed.Email, 0
	if err == nil {
		_, err = d.People.Invite(r.Context(), v.Caller, p)
	}
	if fault.KindOf(err) == fault.Invalid {
		typed.Wrong = site.Message(err)
		return d.peopleAgain(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return site.Done(w, r, "/console/people", saidInvited)
}

func (d Desks) member(r *http.Request) (firm.Member, error) {
	all, err := d.People.Members(r.Context(), site.Visiting(r).Caller)
	at := slices.IndexFunc(all, func(m firm.Member) bool { return m.ID == r.PathValue("person") })
	if err == nil && at < 0 {
		err = firm.ErrNoPerson
	}
	if err != nil {
		return firm.Member{}, err
	}
	return all[at], nil
}

func (d Desks) person(w http.ResponseWriter, r *http.Request) error {
	m, err := d.member(r)
	if err != nil {
		return err
	}
	return d.personAgain(w, r, http.StatusOK, m, PersonPage{Form: d.formOf(site.Visiting(r).Firm, m.Person)})
}

func (d Desks) personAgain(w http.ResponseWriter, r *http.Request, status int, m firm.Member, page PersonPage) error {
	v := site.Visiting(r)
	page.PersonItem, page.Once = d.item(m, v), d.NewID()
	page.Active, page.Invited, page.HasCode = m.Active, m.Invited.ID != "", m.HasCode
	page.Expires = site.At(m.Invited.Expires, v.Zone())
	return personPage.Write(w, r, status, page.Name, page)
}

// changePerson saves the form, for the person as they were when it was shown.
func (d Desks) changePerson(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	m, err := d.member(r)
	if err != nil {
		return err
	}
	v := site.Visiting(r)
	p, typed, err := d.typedPerson(form, v.Firm, m.Person)
	if err == nil {
		_, err = d.People.ChangePerson(r.Context(), v.Caller, p)
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.State, fault.Conflict:
		typed.Wrong = site.Message(err)
		typed.Revision = revision(m.Revision)
		return d.personAgain(w, r, formStatus(err), m, PersonPage{Form: typed})
	}
	return personDone(w, r, err, saidChanged)
}

// formStatus is the status of a form that is shown again: what was typed is wrong, or something changed meanwhile.
func formStatus(err error) int {
	if fault.KindOf(err) == fault.Invalid {
		return http.StatusUnprocessableEntity
	}
	return site.Status(err)
}

func personDone(w http.ResponseWriter, r *http.Request, err error, said string) error {
	if err != nil {
		return err
	}
	return site.Done(w, r, "/console/people/"+url.PathEscape(r.PathValue("person")), said)
}

func (d Desks) deactivate(w http.ResponseWriter, r *http.Request) error {
	return d.setActive(w, r, false, saidDeactivated)
}

func (d Desks) activate(w http.ResponseWriter, r *http.Request) error {
	return d.setActive(w, r, true, saidActivated)
}

func (d Desks) setActive(w http.ResponseWriter, r *http.Request, active bool, said string) error {
	m, err := d.member(r)
	if err != nil {
		return err
	}
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	p := m.Person
	p.Active, p.Revision = active, atoi(form.Get("revision"))
	_, err = d.People.ChangePerson(r.Context(), site.Visiting(r).Caller, p)
	return personDone(w, r, err, said)
}

func (d Desks) reinvite(w http.ResponseWriter, r *http.Request) error {
	_, err := d.People.Reinvite(r.Context(), site.Visiting(r).Caller, r.PathValue("person"))
	return personDone(w, r, err, saidInvited)
}

func (d Desks) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := d.People.Withdraw(r.Context(), site.Visiting(r).Caller, r.PathValue("person")); err != nil {
		return err
	}
	return site.Done(w, r, "/console/people", saidWithdrawn)
}

func (d Desks) unlockCode(w http.ResponseWriter, r *http.Request) error {
	return personDone(w, r, d.Codes.ResetCode(r.Context(), site.Visiting(r).Caller, r.PathValue("person")), saidReset)
}

// changeAddress asks for another address; the link that is sent there makes it so.
func (d Desks) changeAddress(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	m, err := d.member(r)
	if err != nil {
		return err
	}
	email := strings.TrimSpace(form.Get("email"))
	err = d.Addresses.AskAddress(r.Context(), site.Visiting(r).Caller, m.ID, email)
	if fault.KindOf(err) == fault.Invalid {
		page := PersonPage{Form: d.formOf(site.Visiting(r).Firm, m.Person), NewEmail: email, EmailWrong: site.Message(err)}
		return d.personAgain(w, r, http.StatusUnprocessableEntity, m, page)
	}
	return personDone(w, r, err, saidAddress)
}

func (d Desks) clearFactors(w http.ResponseWriter, r *http.Request) error {
	return personDone(w, r, d.Factors.ClearFactors(r.Context(), site.Visiting(r).Caller, r.PathValue("person")), saidCleared)
}
