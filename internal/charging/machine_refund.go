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
	refund.Sent, refund.Request.Payment, refund.Request.Amount = 1, a.Payment, a.Captured
	a.State, a.Refund = Refunding, &refund
	a, effects := clearTask(a, TaskRefund)
	return a, append(effects, effect{kind: doArm}, effect{kind: doRefund})
}

func learnRefund(a Attempt, e event) (Attempt, []effect) {
	switch e.outcome.Result {
	case Succeeded:
		return givenBack(a)
	case Declined, Expired:
		return failRefund(a)
	}
	return doubtRefund(a, e)
}

// givenBack notes that the money went back: once, and even when the refund was believed to have failed. That is left
// to a person all the same: the processor said both.
func givenBack(a Attempt) (Attempt, []effect) {
	if a.State == Refunded || !a.took() {
		return a, nil
	}
	failed := a.State != Refunding
	a.State = Refunded
	effects := []effect{{kind: doReverse}, {kind: doDrop}}
	if failed {
		return a, effects
	}
	return join(a, effects, clearTask, TaskRefund)
}

// failRefund notes that the processor did not give it back: the money is still here, and a person must act. A refund
// may fail even after it was answered: the payer's bank sends it back.
func failRefund(a Attempt) (Attempt, []effect) {
	switch a.State {
	case Refunded:
		return raise(a, TaskRefund)
	case Refunding:
	default:
		return a, nil
	}
	a.State = a.taken()
	return join(a, []effect{{kind: doDrop}}, raise, TaskRefund)
}

func rejectRefund(a Attempt, e event) (Attempt, []effect) {
	a.Refund.Rejected++
	if a.Refund.Rejected >= a.Refund.Sent && a.State == Refunding {
		return failRefund(a)
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
