package sandbox

import (
	"encoding/json"
	"net/http"
	"time"
)

// tx is one call's view of the state. What it changes is kept only when the call is committed.
type tx struct {
	core    *Core
	call    Call
	fault   Fault
	now     time.Time
	changed map[string]object
	order   []string // ids of changed, in the order of their first change
}

func (c *Core) begin(call Call, fault Fault) *tx {
	return &tx{core: c, call: call, fault: fault, now: c.opt.Now(), changed: map[string]object{}}
}

// run routes the call and answers it. A refused call changes nothing; a declined one (402) does.
func (t *tx) run() Answer {
	if t.fault.Kind == FailBefore {
		return errServer().answer()
	}
	result, failed := t.dispatch()
	if failed != nil && failed.status != http.StatusPaymentRequired {
		t.changed, t.order = map[string]object{}, nil
	}
	switch {
	case t.fault.Kind == FailAfter:
		return errServer().answer()
	case failed != nil:
		return failed.answer()
	}
	body, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return errServer().answer()
	}
	return Answer{Status: http.StatusOK, Body: body}
}

func (t *tx) dispatch() (any, *apiError) {
	r, failed := t.route()
	if failed != nil {
		return nil, failed
	}
	return r.handle(t, r.request)
}

// find returns the object of an id as it is now, changes of this call included.
func find[T object](t *tx, id string) (T, bool) {
	o, ok := t.changed[id]
	if !ok {
		o = t.core.state.objects[id]
	}
	found, ok := o.(T)
	return found, ok
}

// need is find for an id that came with the request.
func need[T object](t *tx, param, id string) (T, *apiError) {
	o, ok := find[T](t, id)
	if !ok {
		return o, errNoSuch(param, id)
	}
	return o, nil
}

func (t *tx) put(o object) {
	id := o.ident()
	if _, ok := t.changed[id]; !ok {
		t.order = append(t.order, id)
	}
	t.changed[id] = o
}

func (t *tx) id(prefix string) string { return prefix + "_" + t.core.opt.NewID() }

// emit records an event about an object as it is now.
func (t *tx) emit(kind string, o object) {
	snapshot, err := json.Marshal(o.wire())
	if err != nil {
		return // objects are plain data: they always encode
	}
	t.put(Event{
		ID: t.id("evt"), Object: "event", APIVersion: apiVersion, Created: t.now.Unix(), Type: kind, Pending: 1,
		Data:    EventData{Object: snapshot},
		Request: EventRequest{Key: ref(t.call.Key)},
	})
}

func (t *tx) entry() entry {
	e := entry{At: t.now.Unix()}
	for _, id := range t.order {
		e.Objects = append(e.Objects, t.changed[id])
	}
	return e
}
