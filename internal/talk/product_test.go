package talk_test

import (
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
)

// What a lawyer can say, as the product promises it (README and the list of what can be said), with the intent that it is
// heard as: in one shot, in every locale.
const promised = `
start clock with customer acme = StartClockIntent client=acme
start the clock for acme = StartClockIntent client=acme
stop clock with customer acme = StopClockIntent client=acme
stop the clock = StopClockIntent
add last transaction from customer acme to bill = AddLastIntent client=acme
put everything for acme on the bill = AddAllIntent client=acme
charge customer acme credit card and send invoice = ChargeIntent client=acme
charge acme's credit card and send the invoice = ChargeIntent client=acme
pause the clock = PauseClockIntent
resume the clock = ResumeClockIntent
switch to acme = StartClockIntent client=acme
i'm on acme = StartClockIntent client=acme
start a timer for acme = StartClockIntent client=acme
start acme twenty minutes ago = StartClockIntent ago=PT20M client=acme
start the clock for acme since two = StartClockIntent client=acme time=02:00
i'm on acme since two = StartClockIntent client=acme time=02:00
i stopped at five = StopClockIntent time=05:00
what's running = RunningIntent
how long on acme = HoursIntent client=acme
pause acme = PauseClockIntent client=acme
log twenty minutes for acme = LogTimeIntent client=acme duration=PT20M
point three for acme = LogTimeIntent client=acme tenths=3
two tenths for acme = LogTimeIntent client=acme tenths=2
an hour and a half for acme yesterday = LogTimeIntent client=acme day=2026-11-22 duration=PT1H30M
log an hour and a half for acme yesterday = LogTimeIntent client=acme day=2026-11-22 duration=PT1H30M
log twenty minutes for acme no charge = LogTimeIntent client=acme duration=PT20M free=no charge
note reviewed the lease with the landlord's counsel = NoteIntent note=reviewed the lease with the landlord's counsel
make that half an hour = MeasureIntent duration=PT30M
split it between acme and beta = SplitIntent client=acme other=beta
undo that = UndoIntent
discard it = DiscardIntent
i meant beta = MeantIntent client=beta
change the note = ChangeNoteIntent
make it non billable = NonBillableIntent free=non billable
today's hours = HoursIntent day=2026-11-23
this week's hours = HoursIntent day=2026-W48
this month's hours = HoursIntent day=2026-11
how many hours today = HoursIntent day=2026-11-23
how many hours for acme this week = HoursIntent client=acme day=2026-W48
log a filing fee of 400 dollars for acme = ExpenseIntent amount=400 client=acme currency=dollars expense=filing fee
what's on acme's bill = OnBillIntent client=acme
how much is unbilled for acme = UnbilledIntent client=acme
take the last off = TakeOffIntent
take the last off acme's bill = TakeOffIntent client=acme
put acme's bill on hold = HoldBillIntent client=acme
take acme's bill off hold = ReleaseBillIntent client=acme
send the invoice = SendInvoiceIntent
send acme's invoice = SendInvoiceIntent client=acme
charge acme 500 dollars = ChargePartIntent amount=500 client=acme currency=dollars
has acme paid = PaidIntent client=acme
what does acme owe = OwesIntent client=acme
who owes us money = WhoOwesIntent
help = AMAZON.HelpIntent
repeat = AMAZON.RepeatIntent
start over = AMAZON.StartOverIntent
stop = AMAZON.StopIntent
cancel = AMAZON.CancelIntent
pause = AMAZON.PauseIntent
resume = AMAZON.ResumeIntent
`

func TestEveryPromisedSentenceIsHeardInEveryLocale(t *testing.T) {
	for _, locale := range infra.Locales {
		c := deviceIn(t, &skill{}, locale)
		for line := range strings.Lines(promised) {
			sentence, want, _ := strings.Cut(strings.TrimSpace(line), " = ")
			if sentence == "" {
				continue
			}
			if got := understood(say(t, c, "alexa, tell billing clerk to "+sentence)); got != want {
				t.Errorf("%s: %q is heard as %s, not %s", locale, sentence, got, want)
			}
		}
	}
}
