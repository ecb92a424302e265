//go:build browser

package local

import (
	"testing"

	"github.com/billingclerk/billingclerk/internal/web/webtest"
)

// Every page fits a phone and a desktop, and is there to be looked at: see webtest.Browser.Shoot.
func TestEveryPageFitsAPhoneAndADesktop(t *testing.T) {
	c := crowded(t, "CLERK_SIGNUP", "1")
	spots := c.spots()
	ada, nobody := webtest.Open(t), webtest.Open(t)
	signing{ada, c.house, c.URL}.in(c.Demo.Password)
	for _, s := range spots {
		by := nobody
		if s.ada {
			by = ada
		}
		by.Go(c.URL + s.path)
		by.Shoot("page-" + s.name)
	}
}
