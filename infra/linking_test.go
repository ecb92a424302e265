package infra_test

import (
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
)

// TestAccountLinkingIsConfiguredAsItIsServed: Amazon's types leave every field out if one likes; what the authorisation
// server and the template expect must be in the file that is deployed.
func TestAccountLinkingIsConfiguredAsItIsServed(t *testing.T) {
	text, err := os.ReadFile("skill-package/accountLinking.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Request struct {
			Type, AuthorizationURL, AccessTokenURL, ClientID, AccessTokenScheme string

			Scopes                          []string
			ClientSecret                    *string
			DefaultTokenExpirationInSeconds int
			SkipOnEnablement                *bool
		} `json:"accountLinkingRequest"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	r := file.Request
	for name, c := range map[string]struct{ address, path string }{
		"authorise": {r.AuthorizationURL, oauth.AuthorizePath}, "token": {r.AccessTokenURL, oauth.TokenPath},
	} {
		if u, err := url.Parse(c.address); err != nil || u.Scheme != "https" || u.Path != c.path || u.RawQuery != "" || u.Port() != "" {
			t.Errorf("%s: %s, %v", name, c.address, err)
		}
	}
	template, err := os.ReadFile("../template.yaml")
	if err != nil || !strings.Contains(string(template), "  OAuthClient:\n    Type: String\n    Default: "+r.ClientID+"\n") {
		t.Errorf("the client %q is not the template's, %v", r.ClientID, err)
	}
	served := oauth.Describe("https://clerk.test")
	if r.Type != "AUTH_CODE" || r.AccessTokenScheme != "HTTP_BASIC" || !slices.Equal(r.Scopes, served.Scopes) || r.ClientSecret != nil {
		t.Errorf("%+v", r)
	}
	if r.DefaultTokenExpirationInSeconds < 360 { // below, Alexa refuses
		t.Error("tokens that are too short:", r.DefaultTokenExpirationInSeconds)
	}
	if r.SkipOnEnablement == nil || *r.SkipOnEnablement {
		t.Error("who enables the skill is not asked to link")
	}
}
