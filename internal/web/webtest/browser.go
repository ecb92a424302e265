//go:build browser

// Package webtest drives the pages with a real browser: Chromium from $CLERK_CHROMIUM, from .tools/chromium at the
// root of the repository, or from the path. Tests that use it have the build tag browser.
package webtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// patience is how long a browser may take for one step before the test fails.
const patience = 30 * time.Second

// Browser is one window of a Chromium of its own.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Elsewhere makes a window find a host of the internet at another address, such as that of a TLS server on this machine,
// and believe its certificate.
func Elsewhere(host, address string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("host-resolver-rules", "MAP "+host+":443 "+address), chromedp.Flag("ignore-certificate-errors", true),
	}
}

// Open starts Chromium, and ends it with the test. Without Chromium the test fails and says how to get it.
func Open(t testing.TB, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	options = append(options, more...)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until it has let go of its folder
		end()
		stop()
	})
	b := &Browser{t, ctx}
	if err := chromedp.Run(ctx); err != nil { // the first run starts it, and must have no deadline
		t.Fatalf("Chromium does not start: %v", err)
	}
	return b
}

func chromium(t testing.TB) string {
	t.Helper()
	places := []string{os.Getenv("CLERK_CHROMIUM")}
	for dir, err := os.Getwd(); err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		places = append(places, filepath.Join(dir, ".tools", "chromium"))
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
			places = append(places, filepath.Join(dir, name))
		}
	}
	for _, p := range places {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return p
		}
	}
	t.Fatal("Chromium is missing: apt-get install chromium, or set CLERK_CHROMIUM to one (`make tools` does the former)")
	return ""
}

// do runs actions, and fails the test with what the page says when they can't be done.
func (b *Browser) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	b.again(what, func(ctx context.Context) error { return chromedp.Run(ctx, actions...) })
}

// again runs a step, and once more while it meets a part of the page that a new page has just replaced: nothing was
// done then.
func (b *Browser) again(what string, step func(context.Context) error) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	err := step(ctx)
	for err != nil && strings.Contains(err.Error(), "(-32000)") && ctx.Err() == nil {
		err = step(ctx)
	}
	if err != nil {
		var at, text string
		seen, stop := context.WithTimeout(b.ctx, patience)
		defer stop()
		err = errors.Join(err, chromedp.Run(seen, chromedp.Location(&at), chromedp.Text("body", &text)))
		b.t.Fatalf("%s: %v\nat %s:\n%s", what, err, at, text)
	}
}

// Go opens an address.
func (b *Browser) Go(address string) {
	b.t.Helper()
	b.do("open "+address, chromedp.Navigate(address))
}

// Type types into the field that a selector finds, in place of what is there.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	empty := `document.querySelector(` + quoted(selector) + `).value = ""`
	b.do("type into "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery), chromedp.Evaluate(empty, nil), chromedp.SendKeys(selector, text, chromedp.ByQuery))
}

// Click clicks what leads nowhere else.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// Follow clicks what leads to another page, at once or when a script is done, and waits for it.
func (b *Browser) Follow(selector string) {
	b.t.Helper()
	b.again("follow "+selector, func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
		return err
	})
}

// Text is what the page says where a selector finds something.
func (b *Browser) Text(selector string) (text string) {
	b.t.Helper()
	b.do("read "+selector, chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

// At is the address of the page.
func (b *Browser) At() (address string) {
	b.t.Helper()
	b.do("look where it is", chromedp.Location(&address))
	return address
}

// Has reports whether a selector finds something that is to be seen.
func (b *Browser) Has(selector string) (has bool) {
	b.t.Helper()
	script := `(() => { const e = document.querySelector(` + quoted(selector) + `); return !!e && e.getClientRects().length > 0 })()`
	b.do("look for "+selector, chromedp.Evaluate(script, &has))
	return has
}

func quoted(s string) string { return "`" + strings.ReplaceAll(s, "`", "\\`") + "`" }

// Says fails the test unless the page says each of the texts.
func (b *Browser) Says(texts ...string) {
	b.t.Helper()
	body := strings.Join(strings.Fields(b.Text("body")), " ")
	for _, want := range texts {
		if !strings.Contains(body, want) {
			b.t.Fatalf("%s does not say %q:\n%s", b.At(), want, body)
		}
	}
}

// Authenticator gives the window a device that makes passkeys, and that recognises its person each time.
func (b *Browser) Authenticator() {
	b.t.Helper()
	b.do("add an authenticator", webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	}))
}

// Shoot keeps pictures of the page on a phone and a desktop, light and dark, in the folder $CLERK_SHOTS; without it,
// it does nothing. A page that is wider than its window fails the test in any case.
func (b *Browser) Shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("CLERK_SHOTS")
	for size, px := range map[string][2]int64{"phone": {390, 844}, "desktop": {1280, 900}} {
		var wide int64
		b.do("measure", chromedp.EmulateViewport(px[0], px[1]), chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide))
		if wide > px[0] {
			b.t.Errorf("%s is %d wide in a window of %d", name, wide, px[0])
		}
		for _, scheme := range []string{"light", "dark"} {
			if dir == "" {
				continue
			}
			var png []byte
			look := emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			})
			b.do("take a picture", look, chromedp.FullScreenshot(&png, 100))
			if err := os.WriteFile(filepath.Join(dir, name+"-"+size+"-"+scheme+".png"), png, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}
