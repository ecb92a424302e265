package voice

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/clients"
)

// remember keeps what a client was called as another name of theirs.
func (t *turn) remember(ctx context.Context) (*answer, error) {
	err := t.clerk.Billing.Directory.AlsoCalled(ctx, t.Caller, t.state.Name.Client, t.state.Name.Heard)
	if err != nil {
		return nil, err
	}
	return t.say("called.kept"), nil
}

// called asks whether to remember what the client that was chosen was called, where the firm wants that and nothing else is
// asked.
func (t *turn) called(a *answer, client, heard string) *answer {
	if heard == "" || a.ask != "" || t.discreet() || !t.settings().Voice.Learn {
		return a
	}
	t.next.Act, t.next.Name = "", clients.Spoken{Client: client, Heard: heard}
	return a.asking(AskCalled, "called.ask", vars{"Heard": clean(heard)})
}
