package voice

import "context"

// handler answers an intent.
type handler func(ctx context.Context, t *turn) (*answer, error)

// intent is an entry of the table.
type intent struct {
	handle handler
	afresh bool // a wish of its own: a charge under way is dropped by it, and that is said
}

// The intents of the interaction model, built-in ones included.
const (
	StartClockIntent  = "StartClockIntent"
	StopClockIntent   = "StopClockIntent"
	PauseClockIntent  = "PauseClockIntent"
	ResumeClockIntent = "ResumeClockIntent"
	RunningIntent     = "RunningIntent"
	NoteIntent        = "NoteIntent"
	AddLastIntent     = "AddLastIntent"
	AddAllIntent      = "AddAllIntent"
	ChargeIntent      = "ChargeIntent"
	WhatToBillIntent  = "WhatToBillIntent"
	ChooseIntent      = "ChooseIntent"
	NeitherIntent     = "NeitherIntent"
	CodeIntent        = "CodeIntent"
	YesCodeIntent     = "YesCodeIntent"
	LongCodeIntent    = "LongCodeIntent"
	LongYesCodeIntent = "LongYesCodeIntent"

	LogTimeIntent     = "LogTimeIntent"
	LengthIntent      = "LengthIntent"
	WhenIntent        = "WhenIntent"
	MeasureIntent     = "MeasureIntent"
	MeantIntent       = "MeantIntent"
	SplitIntent       = "SplitIntent"
	UndoIntent        = "UndoIntent"
	DiscardIntent     = "DiscardIntent"
	ChangeNoteIntent  = "ChangeNoteIntent"
	PhraseIntent      = "PhraseIntent"
	NonBillableIntent = "NonBillableIntent"
	BillableIntent    = "BillableIntent"
	ConfirmTimeIntent = "ConfirmTimeIntent"
	HoursIntent       = "HoursIntent"
	SameIntent        = "SameIntent"
	PreferIntent      = "PreferIntent"
	ForgetUsualIntent = "ForgetUsualIntent"

	ExpenseIntent     = "ExpenseIntent"
	AmountIntent      = "AmountIntent"
	KindIntent        = "KindIntent"
	TakeOffIntent     = "TakeOffIntent"
	HoldBillIntent    = "HoldBillIntent"
	ReleaseBillIntent = "ReleaseBillIntent"
	SendInvoiceIntent = "SendInvoiceIntent"
	ChargePartIntent  = "ChargePartIntent"
	OnBillIntent      = "OnBillIntent"
	UnbilledIntent    = "UnbilledIntent"
	PaidIntent        = "PaidIntent"
	OwesIntent        = "OwesIntent"
	WhoOwesIntent     = "WhoOwesIntent"
	AllIntent         = "AllIntent"
	MoreIntent        = "MoreIntent"

	YesIntent          = "AMAZON.YesIntent"
	NoIntent           = "AMAZON.NoIntent"
	HelpIntent         = "AMAZON.HelpIntent"
	RepeatIntent       = "AMAZON.RepeatIntent"
	StartOverIntent    = "AMAZON.StartOverIntent"
	StopIntent         = "AMAZON.StopIntent"
	CancelIntent       = "AMAZON.CancelIntent"
	PauseIntent        = "AMAZON.PauseIntent"
	ResumeIntent       = "AMAZON.ResumeIntent"
	NavigateHomeIntent = "AMAZON.NavigateHomeIntent"
	FallbackIntent     = "AMAZON.FallbackIntent"
)

// The slots of the interaction model.
const (
	ClientSlot   = "client"
	NoteSlot     = "note"
	CodeSlot     = "code"
	PositionSlot = "position"
	WhatSlot     = "what"
	OtherSlot    = "other"
	DurationSlot = "duration"
	WholeSlot    = "whole"
	TenthsSlot   = "tenths"
	AgoSlot      = "ago"
	TimeSlot     = "time"
	PartSlot     = "part"
	DaySlot      = "day"
	FreeSlot     = "free"
	PhraseSlot   = "phrase"
	AmountSlot   = "amount"
	CentsSlot    = "cents"
	CurrencySlot = "currency"
	ExpenseSlot  = "expense"
)

// digitSlots are the slots of a code that is said digit by digit, in their order.
var digitSlots = [...]string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"}

// intents is every intent that is answered. The map is filled in init, since answers lead back to it.
var intents map[string]intent

func init() {
	intents = map[string]intent{
		StartClockIntent:  {timed(DoStart), true},
		StopClockIntent:   {timed(DoStop), true},
		PauseClockIntent:  {timed(DoPause), true},
		ResumeClockIntent: {timed(DoResume), true},
		RunningIntent:     {running, true},
		NoteIntent:        {note, true},
		AddLastIntent:     {named(DoAdd), true},
		AddAllIntent:      {named(DoAddAll), true},
		ChargeIntent:      {named(DoCharge), false},

		LogTimeIntent:     {logTime, true},
		LengthIntent:      {logTime, true},
		WhenIntent:        {when, false},
		MeasureIntent:     {measure, true},
		MeantIntent:       {meant, false},
		SplitIntent:       {split, true},
		UndoIntent:        {undo, false},
		DiscardIntent:     {discard, false},
		ChangeNoteIntent:  {changeNote, true},
		PhraseIntent:      {phrase, false},
		NonBillableIntent: {billable(false), true},
		BillableIntent:    {billable(true), true},
		ConfirmTimeIntent: {confirmTime, true},
		HoursIntent:       {hours, true},

		SameIntent:        {same, false},
		PreferIntent:      {prefer(true), true},
		ForgetUsualIntent: {prefer(false), true},

		ExpenseIntent:     {named(DoSpend), true},
		TakeOffIntent:     {named(DoTakeOff), true},
		HoldBillIntent:    {named(DoHold), true},
		ReleaseBillIntent: {named(DoRelease), true},
		SendInvoiceIntent: {named(DoSend), true},
		ChargePartIntent:  {chargePart, false},
		OnBillIntent:      {named(DoTellBill), true},
		UnbilledIntent:    {named(DoTellUnbilled), true},
		PaidIntent:        {named(DoTellPaid), true},
		OwesIntent:        {named(DoTellOwed), true},
		WhoOwesIntent:     {named(DoTellOwing), true},

		AmountIntent: {amountSaid, false},
		KindIntent:   {kindSaid, false},
		AllIntent:    {all, false},
		MoreIntent:   {more, false},

		WhatToBillIntent: {pickWhat, false},
		ChooseIntent:     {choose, false},
		NeitherIntent:    {neither, false},
		CodeIntent:       {code, false},
		YesCodeIntent:    {yesCode, false},
		LongCodeIntent:   {code, false},

		LongYesCodeIntent: {yesCode, false},

		YesIntent: {yes, false},
		NoIntent:  {no, false},

		HelpIntent:         {help, false},
		RepeatIntent:       {repeat, false},
		StartOverIntent:    {startOver, false},
		StopIntent:         {stop, false},
		CancelIntent:       {stop, false},
		NavigateHomeIntent: {stop, false},
		PauseIntent:        {timed(DoPause), true},
		ResumeIntent:       {resumeLast, true},
		FallbackIntent:     {fallback, false},
	}
}

// Intents returns the names of all intents that are answered.
func Intents() []string {
	names := make([]string, 0, len(intents))
	for name := range intents {
		names = append(names, name)
	}
	return names
}
