package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// LedgerPage is the balance of every account; debits and credits are equal, or it is not shown.
type LedgerPage struct {
	Accounts []AccountItem
	Debits   string
	Credits  string
}

// AccountItem is one account, or all accounts of one kind together.
type AccountItem struct{ Name, Debit, Credit string }

var ledgerPage = site.NewPage[LedgerPage](files, "templates/ledger.html")

func (d Desks) ledger(w http.ResponseWriter, r *http.Request) error {
	balances, err := d.Ledger.Balances(r.Context(), site.Visiting(r).Caller)
	if err != nil {
		return err
	}
	page, err := newLedgerPage(balances)
	if err != nil {
		return err
	}
	return ledgerPage.Write(w, r, http.StatusOK, "Ledger", page)
}

// accountNames are the accounts in the order of a trial balance. Accounts that belong to clients and matters are
// shown as one sum.
var accountNames = []struct {
	prefix ledger.Account
	name   string
}{
	{ledger.Clearing, "With the card processor"},
	{ledger.Bank, "Operating bank account"},
	{ledger.Receivable(""), "Owed by clients"},
	{ledger.TrustBank, "Trust bank account"},
	{ledger.Trust(""), "Held in trust for clients"},
	{ledger.Unapplied, "Received, not applied yet"},
	{ledger.TaxPayable, "Tax to pay"},
	{ledger.Fees, "Fees"},
	{ledger.Costs, "Costs recovered"},
	{ledger.WrittenOff, "Written off"},
	{ledger.ProcessorFees, "Processor’s fees"},
}

func placeOf(a ledger.Account) (place int, name string) {
	for i, known := range accountNames {
		if a == known.prefix || strings.HasSuffix(string(known.prefix), "/") && strings.HasPrefix(string(a), string(known.prefix)) {
			return i, known.name
		}
	}
	return len(accountNames), string(a)
}

// row is one line of the page while it is summed.
type row struct {
	place int
	name  string
	sum   money.Amount
}

// rowsOf sums the balances by what they are shown as, in the order of accountNames.
func rowsOf(balances map[ledger.Account]money.Amount) ([]*row, error) {
	var list []*row
	known := map[string]*row{}
	for account, amount := range balances {
		place, name := placeOf(account)
		r := known[name]
		if r == nil {
			r = &row{place: place, name: name}
			known[name], list = r, append(list, r)
		}
		var err error
		if r.sum, err = r.sum.Add(amount); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.name, b.name))
	})
	return list, nil
}

// newLedgerPage puts each sum on its side. Sides that are not equal are never shown: ledger.ErrUnbalanced.
func newLedgerPage(balances map[ledger.Account]money.Amount) (page LedgerPage, err error) {
	rows, err := rowsOf(balances)
	if err != nil {
		return page, err
	}
	var debits, credits money.Amount
	for _, r := range rows {
		item := AccountItem{Name: r.name}
		if r.sum.Minor >= 0 {
			item.Debit = site.Money(r.sum)
			debits, err = debits.Add(r.sum)
		} else {
			item.Credit = site.Money(r.sum.Neg())
			credits, err = credits.Sub(r.sum)
		}
		if err != nil {
			return page, err
		}
		page.Accounts = append(page.Accounts, item)
	}
	if debits.Minor != credits.Minor {
		return page, ledger.ErrUnbalanced
	}
	page.Debits, page.Credits = site.Money(debits), site.Money(credits)
	return page, nil
}
