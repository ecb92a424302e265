package skill

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"testing"
)

func snap() map[string]int64 {
	runtime.GC(); runtime.GC(); runtime.GC()
	n, _ := runtime.MemProfile(nil, true)
	recs := make([]runtime.MemProfileRecord, n+1000)
	n, ok := runtime.MemProfile(recs, true)
	if !ok { panic("more") }
	out := map[string]int64{}
	for _, r := range recs[:n] {
		fr := runtime.CallersFrames(r.Stack())
		var names []string
		for {
			f, more := fr.Next()
			names = append(names, strings.TrimPrefix(f.Function, "github.com/billingclerk/billingclerk/internal/")+fmt.Sprintf(":%d", f.Line))
			if !more { break }
		}
		out[strings.Join(names, "\n")] += r.AllocObjects
	}
	return out
}

func TestProf(t *testing.T) {
	runtime.MemProfileRate = 1
	want := os.Getenv("WARM")
	for _, w := range warms {
		if w.name != want { continue }
		o := opened(t)
		sum := map[string]int64{}
		const rounds = 5
		for i := range rounds + 2 {
			w.ready(t, o)
			request := o.request(t, w.event)
			a := snap()
			o.answer(t, request)
			b := snap()
			if i < 2 { continue }
			for k, v := range b { if d := v - a[k]; d > 0 { sum[k] += d } }
		}
		type e struct { k string; v int64 }
		var es []e
		var total int64
		for k, v := range sum { if strings.Contains(k, "zz_prof") && strings.Contains(k,"snap") {continue}; es = append(es, e{k, v}); total += v }
		sort.Slice(es, func(i, j int) bool { return es[i].v > es[j].v })
		f, _ := os.Create("/tmp/prof-" + want + ".txt")
		fmt.Fprintf(f, "total %.1f\n", float64(total)/rounds)
		for _, x := range es { fmt.Fprintf(f, "%.1f\n%s\n\n", float64(x.v)/rounds, x.k) }
		f.Close()
		fmt.Println("total", float64(total)/rounds)
	}
}
