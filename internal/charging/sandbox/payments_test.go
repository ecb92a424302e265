package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func (d *desk) paid(t *testing.T, token string) string {
	t.Helper()
	customer, method := d.onFile(t, token)
	return d.must(t, payments, charge(customer, method), "").field("id")
}

func TestRefundsNeverExceedWhatWasReceived(t *testing.T) {
	d := newDesk(t)
	pi := d.paid(t, "pm_card_visa")
	part := d.must(t, "/v1/refunds", query("payment_intent", pi, "amount", "7000", "metadata[attempt]", "r1"), "r1")
	if part.field("status") != "succeeded" || part.field("metadata.attempt") != "r1" {
		t.Errorf("%s", part.text)
	}
	if g := d.post(t, "/v1/refunds", query("payment_intent", pi, "amount", "5001"), ""); g.status != http.StatusBadRequest || g.field("error.param") != "amount" {
		t.Errorf("%s", g.text)
	}
	charge := d.get(t, payments+"/"+pi, "").field("latest_charge")
	if rest := d.must(t, "/v1/refunds", query("charge", charge), ""); rest.field("amount") != "5000" {
		t.Errorf("without an amount the rest is refunded: %s", rest.text)
	}
	if g := d.post(t, "/v1/refunds", query("payment_intent", pi), ""); g.field("error.code") != "charge_already_refunded" {
		t.Errorf("%s", g.text)
	}
	if g := d.get(t, "/v1/refunds", query("payment_intent", pi)); len(g.body["data"].([]any)) != 2 {
		t.Errorf("%s", g.text)
	}
	for _, form := range []string{"", query("payment_intent", "pi_none"), query("payment_intent", pi, "amount", "0"), query("charge", "ch_none")} {
		if g := d.post(t, "/v1/refunds", form, ""); g.status != http.StatusBadRequest {
			t.Errorf("%q: %s", form, g.text)
		}
	}
}

func TestAFailedRefundLeavesItsMoneyRefundable(t *testing.T) {
	d := newDesk(t)
	pi := d.paid(t, "pm_card_refundFail")
	re := d.must(t, "/v1/refunds", query("payment_intent", pi), "")
	if re.field("status") != "succeeded" {
		t.Errorf("it fails only later: %s", re.text)
	}
	d.restart(t)
	if g := d.get(t, "/v1/refunds/"+re.field("id"), ""); g.field("status") != "failed" || g.field("failure_reason") != "expired_or_canceled_card" {
		t.Errorf("%s", g.text)
	}
	if !d.happened("refund.failed") {
		t.Error("nobody was told")
	}
	d.must(t, "/v1/refunds", query("payment_intent", pi), "")
}

func (d *desk) happened(kind string) bool {
	for _, e := range d.Undelivered() {
		if e.Type == kind {
			return true
		}
	}
	return false
}

func TestAPaymentIsCancelledOnlyWhileItWaits(t *testing.T) {
	d := newDesk(t)
	pi := d.paid(t, "pm_card_visa")
	g := d.post(t, payments+"/"+pi+"/cancel", "", "")
	if g.status != http.StatusBadRequest || g.field("error.code") != "payment_intent_unexpected_state" || g.field("error.payment_intent.status") != "succeeded" {
		t.Errorf("%s", g.text)
	}
	waiting := d.must(t, payments, query("amount", "100", "currency", "usd"), "").field("id")
	if g := d.must(t, payments+"/"+waiting+"/cancel", "", ""); g.field("status") != "canceled" {
		t.Errorf("%s", g.text)
	}
	if g := d.post(t, payments+"/"+waiting+"/cancel", "", ""); g.status != http.StatusBadRequest {
		t.Errorf("%s", g.text)
	}
}

func TestListsArePagedNewestFirstAndFiltered(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_visa")
	other, card := d.onFile(t, "pm_card_visa")
	var ids []string
	for i := range 5 {
		ids = append(ids, d.must(t, payments, charge(customer, method), fmt.Sprint("k", i)).field("id"))
		d.must(t, payments, charge(other, card), fmt.Sprint("o", i))
		d.pass(time.Minute)
	}
	list := func(form string) (found []string, more string) {
		g := d.get(t, payments, form)
		for _, one := range g.body["data"].([]any) {
			found = append(found, one.(map[string]any)["id"].(string))
		}
		return found, g.field("has_more")
	}
	for _, c := range []struct {
		form string
		want []string
		more string
	}{
		{query("customer", customer), []string{ids[4], ids[3], ids[2], ids[1], ids[0]}, "false"},
		{query("customer", customer, "limit", "2"), []string{ids[4], ids[3]}, "true"},
		{query("customer", customer, "limit", "2", "starting_after", ids[3]), []string{ids[2], ids[1]}, "true"},
		{query("customer", customer, "limit", "2", "starting_after", ids[1]), []string{ids[0]}, "false"},
		{query("customer", customer, "created[gte]", unix(noon.Add(3*time.Minute))), []string{ids[4], ids[3]}, "false"},
		{query("customer", customer, "created[gt]", unix(noon.Add(3*time.Minute))), []string{ids[4]}, "false"},
		{query("customer", customer, "created[lt]", unix(noon.Add(time.Minute))), []string{ids[0]}, "false"},
	} {
		if found, more := list(c.form); strings.Join(found, " ") != strings.Join(c.want, " ") || more != c.more {
			t.Errorf("%s: %v, more %s; want %v", c.form, found, more, c.want)
		}
	}
	for _, form := range []string{"limit=0", "limit=101", "limit=x", "starting_after=pi_none", "created[gte]=x"} {
		if g := d.get(t, payments, form); g.status != http.StatusBadRequest {
			t.Errorf("%s: %d", form, g.status)
		}
	}
}

func TestAListingMayLagBehindAReading(t *testing.T) {
	d := newDesk(t)
	d.Core.opt.Lag = time.Minute
	pi := d.paid(t, "pm_card_visa")
	if g := d.get(t, payments, ""); len(g.body["data"].([]any)) != 0 {
		t.Errorf("%s", g.text)
	}
	if g := d.get(t, payments+"/"+pi, ""); g.status != http.StatusOK {
		t.Errorf("%s", g.text)
	}
	d.pass(time.Minute)
	if g := d.get(t, payments, ""); len(g.body["data"].([]any)) != 1 {
		t.Errorf("%s", g.text)
	}
}

func TestADisputeTakesTheMoneyAndEndsByItsEvidence(t *testing.T) {
	for evidence, want := range map[string]string{"winning_evidence": "won", "losing_evidence": "lost", "": "lost"} {
		d := newDesk(t)
		pi := d.paid(t, "pm_card_createDispute")
		g := d.get(t, "/v1/disputes", query("payment_intent", pi))
		id := g.body["data"].([]any)[0].(map[string]any)["id"].(string)
		if !d.happened("charge.dispute.created") || !d.happened("charge.dispute.funds_withdrawn") {
			t.Error("nobody was told")
		}
		if g := d.post(t, "/v1/refunds", query("payment_intent", pi), ""); g.field("error.code") != "charge_disputed" {
			t.Errorf("%s", g.text)
		}
		path, form := "/v1/disputes/"+id, query("evidence[uncategorized_text]", evidence)
		if evidence == "" {
			path, form = path+"/close", ""
		}
		if g := d.must(t, path, form, ""); g.field("status") != want {
			t.Errorf("%s: %s", evidence, g.text)
		}
		if d.happened("charge.dispute.funds_reinstated") != (want == "won") || !d.happened("charge.dispute.closed") {
			t.Errorf("%s: %v", evidence, d.Undelivered())
		}
		if g := d.post(t, "/v1/disputes/"+id+"/close", "", ""); g.status != http.StatusBadRequest {
			t.Errorf("a closed dispute was closed: %s", g.text)
		}
	}
	d := newDesk(t)
	pi := d.paid(t, "pm_card_createDisputeInquiry")
	if d.happened("charge.dispute.funds_withdrawn") {
		t.Error("an inquiry takes no money")
	}
	d.must(t, "/v1/refunds", query("payment_intent", pi), "")
}

func TestAPageRunsOutByItselfAndByHand(t *testing.T) {
	d := newDesk(t)
	form := query("mode", "payment", "success_url", "http://firm.test/x", "line_items[0][quantity]", "1", "line_items[0][price_data][currency]", "usd",
		"line_items[0][price_data][unit_amount]", "100", "line_items[0][price_data][product_data][name]", "Invoice payment")
	late := d.must(t, "/v1/checkout/sessions", form, "").field("id")
	d.pass(24 * time.Hour)
	if g := d.get(t, "/v1/checkout/sessions/"+late, ""); g.field("status") != "expired" || g.field("url") != "" || !d.happened("checkout.session.expired") {
		t.Errorf("%s", g.text)
	}
	open := d.must(t, "/v1/checkout/sessions", form, "").field("id")
	if g := d.must(t, "/v1/checkout/sessions/"+open+"/expire", "", ""); g.field("status") != "expired" {
		t.Errorf("%s", g.text)
	}
	if g := d.post(t, "/v1/checkout/sessions/"+open+"/expire", "", ""); g.status != http.StatusBadRequest {
		t.Errorf("%s", g.text)
	}
	if g := d.get(t, "/v1/checkout/sessions", "status=expired"); len(g.body["data"].([]any)) != 2 {
		t.Errorf("%s", g.text)
	}
	for param, value := range map[string]string{
		"mode": "subscription", "success_url": "javascript:alert(1)", "customer": "cus_none", "expires_at": unix(d.clock.Now().Add(29 * time.Minute)),
		"cancel_url": "//x", "line_items[0][quantity]": "0", "line_items[0][price_data][currency]": "",
	} {
		if g := d.post(t, "/v1/checkout/sessions", form+"&"+query(param, value), ""); g.status != http.StatusBadRequest {
			t.Errorf("%s=%s: %d", param, value, g.status)
		}
	}
}
