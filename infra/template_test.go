package infra_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/config"
)

// elsewhere are settings that a function reads and the template does not make: Lambda does, or they are for those who
// leave the template's way.
var elsewhere = []string{"AWS_REGION", "CLERK_DYNAMO_ENDPOINT", "CLERK_SMTP"}

var setting = regexp.MustCompile(`(?m)^ +(CLERK_[A-Z_]+):`)

// TestTheTemplateSetsWhatTheFunctionsRead, so that no setting that is documented stays without effect once deployed.
func TestTheTemplateSetsWhatTheFunctionsRead(t *testing.T) {
	template, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	read, given := map[string]bool{}, map[string]bool{}
	for _, f := range []config.Function{config.Skill, config.Web, config.Worker} {
		_, _ = config.ReadCloud(func(asked string) string {
			read[asked] = true
			return map[string]string{"CLERK_VENDOR_ID": "V"}[asked] // with a client of account linking, its settings are read too
		}, f)
	}
	for _, m := range setting.FindAllStringSubmatch(string(template), -1) {
		given[m[1]] = true
	}
	for name := range read {
		if given[name] == slices.Contains(elsewhere, name) {
			t.Errorf("%s is read; the template sets it: %t", name, given[name])
		}
	}
	for name := range given {
		if !read[name] {
			t.Errorf("the template sets %s, which nothing reads", name)
		}
	}
	_, web, _ := strings.Cut(string(template), "\n  Web:\n")
	web, _, _ = strings.Cut(web, "\n  Worker:\n")
	for _, name := range []string{"CLERK_SIGNUP", "CLERK_SETUP_SECRET", "CLERK_VENDOR_ID", "CLERK_OAUTH_SECRET"} {
		if !strings.Contains(web, name+":") {
			t.Errorf("the web function is not given %s", name)
		}
	}
}
