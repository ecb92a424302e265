package config

import (
	"maps"
	"strings"
	"testing"
)

func TestAccountLinkingIsWholeOrAbsent(t *testing.T) {
	all := map[string]string{
		"CLERK_VENDOR_ID": "M2VENDOR", "CLERK_OAUTH_CLIENT": "alexa", "CLERK_OAUTH_SECRET": "ssm:/s", "CLERK_OAUTH_PKCE": "1",
	}
	for name, c := range map[string]struct{ change, value, wrong string }{
		"whole":         {},
		"no client":     {"CLERK_OAUTH_CLIENT", "", "CLERK_OAUTH_CLIENT"},
		"no secret":     {"CLERK_OAUTH_SECRET", "", "CLERK_OAUTH_SECRET"},
		"a path":        {"CLERK_VENDOR_ID", "M2/../X", "CLERK_VENDOR_ID"},
		"small letters": {"CLERK_VENDOR_ID", "m2vendor", "CLERK_VENDOR_ID"},
		"no number":     {"CLERK_OAUTH_PKCE", "yes", "CLERK_OAUTH_PKCE"},
		"none at all":   {"CLERK_VENDOR_ID", "", ""},
	} {
		values := maps.Clone(whole)
		maps.Copy(values, all)
		values[c.change] = c.value
		cloud, cloudErr := ReadCloud(env(values), Web)
		local, localErr := ReadLocal(env(values))
		for _, err := range []error{cloudErr, localErr} {
			if (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v", name, err)
			}
		}
		want := Linking{"M2VENDOR", "alexa", "ssm:/s", true}
		if name == "none at all" {
			want = Linking{}
		}
		if c.wrong == "" && (cloud.Linking != want || local.Linking != want) {
			t.Errorf("%s: %+v, %+v", name, cloud.Linking, local.Linking)
		}
	}
	if c, err := ReadCloud(env(whole), Skill); err != nil || c.Linking != (Linking{}) {
		t.Error("the skill reads the client:", err)
	}
}
