package charging

// stepRefund is the machine's part for giving money back. Money that was taken only ever comes back through here.
func stepRefund(a Attempt, e event) (Attempt, []effect) {
	if e.kind == evRefund {
		return askRefund(a, e)
	}
	if a.Refund == nil {
		return a, nil
	}
	switch e.kind {
	case evRefundAnswer:
		return learnRefund(a, e)
	case evRefundRefused:
		return rejectRefund(a, e)
	}
	return doubtRefund(a, e)
}

func askRefund(a Attempt, e event) (Attempt, []effect) {
	if a.State != Charged {
		return a, nil
	}
	refund := *e.refund
	refund.Sent, refund.Request.Payment, refund.Request.Amount = 1, a.Payment, a.left()
	a.State, a.Refund = Refunding, &refund
	a, effects := clearTask(a, TaskRefund)
	return a, append(effects, effect{kind: doArm}, effect{kind: doRefund})
}

func learnRefund(a Attempt, e event) (Attempt, []effect) {
	switch e.outcome.Result {
	case Succeeded:
		return givenBack(a, e.outcome)
	case Declined, Expired:
		return failed(a, e.outcome)
	}
	return doubtRefund(a, e)
}

// givenBack notes that the money went back: once, and even when the refund was believed to have failed. That is left
// to a person all the same: the processor said both.
func givenBack(a Attempt, o Outcome) (Attempt, []effect) {
	believed := a.State == Refunding
	a, effects := leaves(a, a.refundReference(o), a.Refund.Request.Amount)
	if len(effects) == 0 {
		return a, nil
	}
	a.State = a.stands()
	effects = append(effects, effect{kind: doDrop})
	if !believed {
		return a, effects
	}
	return join(a, effects, clearTask, TaskRefund)
}

// failed notes that the processor did not give it back, or that it came back: the payer's bank may return a refund even
// after it was answered. The money is here, and a person must act.
func failed(a Attempt, o Outcome) (Attempt, []effect) {
	known := a.outflow(a.refundReference(o))
	if known >= 0 && a.Outflows[known].Back {
		return a, nil
	}
	a, effects := returns(a, a.refundReference(o), a.Refund.Request.Amount)
	if a.State == Refunding {
		effects = append(effects, effect{kind: doDrop})
	}
	a.State = a.stands()
	return join(a, effects, raise, TaskRefund)
}

// refundReference is what the processor knows our refund by.
func (a Attempt) refundReference(o Outcome) string { return first(o.Reference, a.Refund.Request.Key) }

// abandon notes that the processor refused to give it back: it knows no refund of ours.
func abandon(a Attempt) (Attempt, []effect) {
	a.State = a.stands()
	return join(a, []effect{{kind: doDrop}}, raise, TaskRefund)
}

func rejectRefund(a Attempt, e event) (Attempt, []effect) {
	a.Refund.Rejected++
	if a.Refund.Rejected >= a.Refund.Sent && a.State == Refunding {
		return abandon(a)
	}
	return doubtRefund(a, e)
}

func doubtRefund(a Attempt, e event) (Attempt, []effect) {
	if a.State != Refunding || e.at.Before(a.Refund.Asked.Add(e.window+lookFor)) {
		return a, nil
	}
	return raise(a, TaskRefund)
}

func retryRefund(a Attempt, e event) (Attempt, []effect) {
	if e.at.Before(a.Refund.Asked.Add(e.window)) {
		a.Refund.Sent++
		return a, []effect{{kind: doRefund}}
	}
	return a, []effect{{kind: doFindRefund}}
}
