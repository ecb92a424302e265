//go:build dynamo

package skill

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/dynamo"
	"github.com/billingclerk/billingclerk/internal/store/dynamo/dynamotest"
)

// deployed is the demo firm in a table of DynamoDB Local, and the environment of a function that serves it.
func deployed(t testing.TB) (*office, []string) {
	t.Helper()
	clock := firmtest.NewClock()
	clock.Set(app.UTC())
	table := dynamotest.Table(t)
	o := openedOn(t, dynamo.New(dynamotest.Client(t), table, app.UTC), clock)
	env := []string{"CLERK_TABLE=" + table, "CLERK_DYNAMO_ENDPOINT=" + dynamotest.Endpoint(t), "CLERK_SKILL_ID=" + config.DemoSkillID,
		"CLERK_TOKEN_KEY=file:" + secretFile(t, tokenKey), "CLERK_PEPPER=file:" + secretFile(t, pepper)}
	for name, value := range dynamotest.Environment() {
		env = append(env, name+"="+value)
	}
	return o, env
}

func secretFile(t testing.TB, key []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(name, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600))
	return name
}

// BenchmarkColdStart starts the skill as it is deployed, with its real configuration and a firm in a local table, and
// an empty handler, turn by turn: from the start of the process to the first answer to a real request. x-empty is the
// ratio of the medians. A first answer waits for the table too, so the same is asked again of a process that runs, and
// x-own is the ratio without what that took: what starting cold adds, at most 2.5 (docs/decisions/0013).
func BenchmarkColdStart(b *testing.B) {
	o, env := deployed(b)
	skill, empty := build(b, "../../../functions/skill"), build(b, "./testdata/empty")
	for _, event := range []string{"running", "start"} {
		b.Run(event, func(b *testing.B) {
			var ours, floor, again []time.Duration
			for i := range max(b.N, 15) {
				client := []string{"acme", "beta"}[i%2]
				ask := func() []byte {
					return bytes.ReplaceAll(o.request(b, event), []byte("customer acme"), []byte("customer "+client))
				}
				took, body, err := coldStart(skill, env, ask())
				if err != nil || !bytes.Contains(body, []byte("<speak>")) || bytes.Contains(body, []byte("went wrong")) {
					b.Fatalf("%s, %v", body, err)
				}
				ours = append(ours, took)
				if took, _, err = coldStart(empty, nil, ask()); err != nil {
					b.Fatal(err)
				}
				floor = append(floor, took)
				request, began := ask(), time.Now()
				o.answer(b, request)
				again = append(again, time.Since(began))
			}
			b.ReportMetric(0, "ns/op") // of all three, and of no use
			b.ReportMetric(float64(median(ours).Microseconds())/1000, "ms-skill")
			b.ReportMetric(float64(median(floor).Microseconds())/1000, "ms-empty")
			b.ReportMetric(float64(median(again).Microseconds())/1000, "ms-again")
			b.ReportMetric(float64(median(ours))/float64(median(floor)), "x-empty")
			b.ReportMetric(float64(median(ours)-median(again))/float64(median(floor)), "x-own")
		})
	}
	binary, err := os.Stat(skill)
	must(b, err)
	b.Logf("the stripped binary: %.1f MB", float64(binary.Size())/1e6)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// The deployed function answers a real request through the Runtime API.
func TestTheDeployedSkillAnswersThroughTheRuntimeAPI(t *testing.T) {
	o, env := deployed(t)
	_, body, err := coldStart(build(t, "../../../functions/skill"), env, o.request(t, "start"))
	if err != nil || !bytes.Contains(body, []byte("Started Acme")) {
		t.Errorf("%s, %v", body, err)
	}
}
