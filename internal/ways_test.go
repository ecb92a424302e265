package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// names are identifiers of packages: "*" is all of a package, and a path that ends in "/..." stands for all below it.
type names map[string]string

// waysOut are the ways in which a program can reach the network or another process. internal/outbound has them;
// everybody else gets its client, its transport or its connections. A type behind a pointer is no way: somebody
// else filled it.
var waysOut = names{
	"net":                  "Dial DialTimeout DialTCP DialUDP DialIP DialUnix Dialer Resolver DefaultResolver LookupHost LookupIP LookupAddr LookupMX LookupTXT LookupNS LookupSRV LookupPort LookupCNAME ListenPacket ListenUDP ListenMulticastUDP ListenIP ListenUnixgram FileConn FilePacketConn",
	"net/http":             "Get Head Post PostForm DefaultClient DefaultTransport Client Transport",
	"net/http/httputil":    "ReverseProxy NewSingleHostReverseProxy NewClientConn NewProxyClientConn",
	"net/smtp":             "*",
	"net/textproto":        "Dial",
	"net/rpc":              "*",
	"net/rpc/...":          "*",
	"log/syslog":           "*",
	"crypto/tls":           "Dial DialWithDialer Dialer Client",
	"os":                   "StartProcess",
	"os/exec":              "*",
	"plugin":               "*",
	"syscall":              "Socket Connect Sendto Sendmsg Exec ForkExec StartProcess Syscall Syscall6 RawSyscall RawSyscall6",
	"golang.org/x/net":     "*",
	"golang.org/x/sys":     "*",
	"golang.org/x/net/...": "*",
	"golang.org/x/sys/...": "*",
	// These open their own connections: by the default client, or for the instance's metadata.
	"github.com/aws/aws-sdk-go-v2/aws/transport/...":        "*",
	"github.com/aws/aws-sdk-go-v2/config":                   "*",
	"github.com/aws/aws-sdk-go-v2/feature/...":              "*",
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds": "*",
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds": "*",
	"github.com/aws/aws-sdk-go-v2/service/...":              "NewFromConfig",
	"github.com/aws/smithy-go/transport/...":                "NewDefaultHTTPClient",
	"github.com/stripe/stripe-go/v85":                       "GetBackend NewBackends NewBackendsWithConfig NewClient SetBackend SetHTTPClient NewEventNotification",
	"github.com/stripe/stripe-go/v85/...":                   "*",
	"github.com/stripe/stripe-go/v85/webhook":               "", // signatures only
}

// filled are structs by which a library makes its own connections unless a field is set: package, type, field.
var filled = map[string][2]string{
	"github.com/aws/aws-sdk-go-v2/service/...": {"Options", "HTTPClient"},
	"github.com/stripe/stripe-go/v85":          {"BackendConfig", "HTTPClient"},
}

// paired are functions that do so unless an option is given to them: package, function, what its file must name too.
var paired = map[string][2]string{
	"github.com/wneessen/go-mail":                            {"NewClient", "WithDialContextFunc"},
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds": {"New", "HTTPClient"},
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds":      {"*", "HTTPClient"},
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds":      {"*", "HTTPClient"},
	"github.com/stripe/stripe-go/v85":                        {"GetBackendWithConfig", "HTTPClient"},
}

// methods start a process, whatever value they are called on.
var methods = []string{"WriteToSendmail", "WriteToSendmailWithCommand", "WriteToSendmailWithContext"}

// exempt are the argued exceptions, by package.
var exempt = names{
	"store/dynamo/dynamotest": "os/exec.Command os/exec.LookPath", // starts DynamoDB Local, for tests; no function links it
}

func TestNothingLeavesButThroughOutbound(t *testing.T) {
	all := sources(t)
	for _, pattern := range []string{"../functions/*/*.go", "../infra/*.go", "../infra/*/*.go"} {
		files, _ := filepath.Glob(pattern)
		for _, f := range files {
			all = append(all, source{path.Dir(filepath.ToSlash(f)), f})
		}
	}
	for _, s := range all {
		if s.pkg == "outbound" || strings.HasSuffix(s.file, "_test.go") {
			continue
		}
		for _, way := range leadingOut(parsed(t, s.file, nil)) {
			if !slices.Contains(strings.Fields(exempt[s.pkg]), way) {
				t.Errorf("%s uses %s; only internal/outbound opens connections", s.file, way)
			}
		}
	}
}

func parsed(t *testing.T, file string, content any) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, content, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// leadingOut lists a file's ways out.
func leadingOut(f *ast.File) (found []string) {
	found = uses(f, waysOut)
	for _, spec := range f.Imports {
		if spec.Name != nil && spec.Name.Name == "." || spec.Path.Value == `"C"` {
			found = append(found, spec.Path.Value+", of which names can't be told")
		}
	}
	imported := importNames(f)
	mentioned := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			mentioned[n.Name] = true
		case *ast.SelectorExpr:
			if slices.Contains(methods, n.Sel.Name) {
				found = append(found, n.Sel.Name)
			}
		}
		return true
	})
	for sel, pkg := range selected(f, imported) {
		if rule, ok := under(paired, pkg); ok && (rule[0] == "*" || rule[0] == sel.Sel.Name) && !mentioned[rule[1]] {
			found = append(found, pkg+"."+sel.Sel.Name+" without "+rule[1])
		}
	}
	return append(found, unfilled(f, imported)...)
}

// unfilled lists the structs of filled that a file makes without their field.
func unfilled(f *ast.File, imported map[string]string) (found []string) {
	good, pointers := map[ast.Expr]bool{}, pointerTypes(f)
	ast.Inspect(f, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "HTTPClient" && !isNil(kv.Value) {
				good[lit.Type] = true
			}
		}
		return true
	})
	for sel, pkg := range selected(f, imported) {
		if rule, ok := under(filled, pkg); ok && sel.Sel.Name == rule[0] && !good[sel] && !pointers[sel] {
			found = append(found, pkg+"."+sel.Sel.Name+" without "+rule[1])
		}
	}
	return found
}

func isNil(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "nil"
}

// clocks and chance are handed in, so that a run can be repeated.
var chance = names{
	"time":         "Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker",
	"math/rand":    "*",
	"math/rand/v2": "*",
}

func TestTheCoreReadsNoClock(t *testing.T) {
	core := append(strings.Fields("fault money mail blob documents documents/pdf store store/memory outbox auth auth/token voice talk"), domain...)
	for _, s := range sources(t) {
		if !slices.Contains(core, s.pkg) {
			continue
		}
		for _, use := range uses(parsed(t, s.file, nil), chance) {
			t.Errorf("%s uses %s; it is given what it needs", s.file, use)
		}
	}
}

// uses lists the forbidden names that a file uses, as values, as types, or in literals; a pointer's type is none.
func uses(f *ast.File, forbidden names) (found []string) {
	pointers := pointerTypes(f)
	for sel, pkg := range selected(f, importNames(f)) {
		list, ok := under(forbidden, pkg)
		if ok && !pointers[sel] && (list == "*" || slices.Contains(strings.Fields(list), sel.Sel.Name)) {
			found = append(found, pkg+"."+sel.Sel.Name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// under looks a package up in a table: by itself, else by the longest "/..." above it.
func under[V any](table map[string]V, pkg string) (v V, ok bool) {
	if v, ok = table[pkg]; ok {
		return v, true
	}
	for p := path.Dir(pkg); p != "." && p != "/"; p = path.Dir(p) {
		if v, ok = table[p+"/..."]; ok {
			return v, true
		}
	}
	return v, false
}

// selected returns what a file takes from its imports, with the package of each.
func selected(f *ast.File, imported map[string]string) map[*ast.SelectorExpr]string {
	found := map[*ast.SelectorExpr]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil && imported[x.Name] != "" {
				found[sel] = imported[x.Name]
			}
		}
		return true
	})
	return found
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// importNames returns the packages of a file by the names that it gives them.
func importNames(f *ast.File) map[string]string {
	imported := map[string]string{}
	for _, spec := range f.Imports {
		p := strings.Trim(spec.Path.Value, `"`)
		name := path.Base(p)
		if version.MatchString(name) {
			name = path.Base(path.Dir(p))
		}
		name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imported[name] = p
	}
	return imported
}

func pointerTypes(f *ast.File) map[*ast.SelectorExpr]bool {
	types := map[*ast.SelectorExpr]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if star, ok := n.(*ast.StarExpr); ok {
			if sel, ok := star.X.(*ast.SelectorExpr); ok {
				types[sel] = true
			}
		}
		return true
	})
	return types
}

func TestEveryWayOutIsFound(t *testing.T) {
	const s3, stripe, gomail = `"github.com/aws/aws-sdk-go-v2/service/s3"`, `"github.com/stripe/stripe-go/v85"`, `"github.com/wneessen/go-mail"`
	for _, c := range []struct {
		imports, code string
		want          string // part of the one finding; empty: nothing is found
	}{
		{`"net"`, `net.Dial("tcp", "a:1")`, "net.Dial"},
		{`n "net"`, `(&n.Dialer{}).Dial("tcp", "a:1")`, "net.Dialer"},
		{`"net"`, `net.LookupTXT("a.b.c")`, "net.LookupTXT"},
		{`"net"`, `net.ListenPacket("udp", ":0")`, "net.ListenPacket"},
		{`"net"`, `net.Listen("tcp", ":0")`, ""},
		{`"net"`, `f := func(d *net.Dialer) {}; f(nil)`, ""},
		{`"net"`, `var net struct{ Dial func() }; net.Dial()`, ""},
		{`"net/http"`, `c := &http.Client{}; _ = c`, "http.Client"},
		{`"net/http"`, `c := new(http.Client); _ = c`, "http.Client"},
		{`"net/http"`, `var c http.Client; _ = c`, "http.Client"},
		{`"net/http"`, `_ = struct{ http.Client }{}`, "http.Client"},
		{`"net/http"`, `c := http.Client{Timeout: 1}; _ = c`, "http.Client"},
		{`"net/http"`, `_ = http.DefaultClient`, "http.DefaultClient"},
		{`"net/http"`, `get := http.Get; _ = get`, "http.Get"},
		{`"net/http"`, `_ = http.DefaultTransport.RoundTrip`, "http.DefaultTransport"},
		{`"net/http"`, `var c *http.Client; _ = c`, ""},
		{`. "net/http"`, `_ = DefaultClient`, "names can't be told"},
		{`"net/http/httputil"`, `_ = httputil.ReverseProxy{}`, "httputil.ReverseProxy"},
		{`"net/smtp"`, `smtp.SendMail("", nil, "", nil, nil)`, "smtp.SendMail"},
		{`"crypto/tls"`, `tls.Dial("tcp", "a:1", nil)`, "tls.Dial"},
		{`"crypto/tls"`, `_ = &tls.Config{}`, ""},
		{`"os/exec"`, `exec.Command("curl").Run()`, "os/exec.Command"},
		{`"os"`, `os.StartProcess("curl", nil, nil)`, "os.StartProcess"},
		{`"syscall"`, `syscall.Socket(0, 0, 0)`, "syscall.Socket"},
		{`"syscall"`, `_ = syscall.EADDRINUSE`, ""},
		{`"golang.org/x/net/websocket"`, `websocket.Dial("", "", "")`, "websocket.Dial"},
		{`"golang.org/x/sys/unix"`, `unix.Connect(0, nil)`, "unix.Connect"},
		{`"log/syslog"`, `syslog.New(0, "")`, "syslog.New"},
		{`"C"`, `_ = C.connect`, "names can't be told"},
		{s3, `s3.New(s3.Options{Region: "r"})`, "s3.Options without HTTPClient"},
		{s3, `s3.New(s3.Options{HTTPClient: nil})`, "s3.Options without HTTPClient"},
		{s3, `var o s3.Options; s3.New(o)`, "s3.Options without HTTPClient"},
		{s3, `s3.New(s3.Options{HTTPClient: ours})`, ""},
		{s3, `s3.NewFromConfig(cfg, func(o *s3.Options) {})`, "s3.NewFromConfig"},
		{`"github.com/aws/aws-sdk-go-v2/config"`, `config.LoadDefaultConfig(ctx)`, "config.LoadDefaultConfig"},
		{`"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"`, `endpointcreds.New("http://a")`, "endpointcreds.New without HTTPClient"},
		{`"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"`, `endpointcreds.New("http://a", func(o *endpointcreds.Options) { o.HTTPClient = ours })`, ""},
		{stripe, `stripe.GetBackend("api")`, "stripe-go/v85.GetBackend"},
		{stripe, `stripe.GetBackendWithConfig("api", &stripe.BackendConfig{})`, "without HTTPClient"},
		{stripe, `stripe.GetBackendWithConfig("api", &stripe.BackendConfig{HTTPClient: ours})`, ""},
		{`"github.com/stripe/stripe-go/v85/customer"`, `customer.New(nil)`, "customer.New"},
		{gomail, `mail.NewClient("host")`, "go-mail.NewClient without WithDialContextFunc"},
		{gomail, `mail.NewClient("host", mail.WithDialContextFunc(ours))`, ""},
		{gomail, `mail.NewMsg().WriteToSendmail()`, "WriteToSendmail"},
	} {
		found := leadingOut(parsed(t, "a.go", "package a\nimport "+c.imports+"\nfunc a() { "+c.code+" }\n"))
		if got := strings.Join(found, "; "); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("import %s; %s: found %q, want %q", c.imports, c.code, got, c.want)
		}
	}
}

// speaking are the libraries in the functions that import a way out themselves, each with why it uses none of its own.
var speaking = names{
	"github.com/alexedwards/scs":       "the request and the answer of a page; it opens nothing",
	"github.com/aws/aws-lambda-go":     "Lambda's own Runtime API, on the function's machine, is how a function is called at all",
	"github.com/aws/aws-sdk-go-v2":     "by the client that filled demands",
	"github.com/aws/smithy-go":         "by the client that filled demands",
	"github.com/go-viper/mapstructure": "knows the types of addresses, to make them of text",
	"github.com/go-webauthn/webauthn":  "requests of a page; makers' metadata are fetched by a provider alone, and auth sets none",
	"github.com/go-webauthn/x":         "asks for revoked certificates of makers' metadata alone, see above",
	"github.com/google/go-tpm":         "a security chip's device; only the shapes of its signatures are used",
	"github.com/google/uuid":           "reads the machine's interfaces for version 1, which nobody makes",
	"github.com/stripe/stripe-go":      "by the client that filled demands",
	"github.com/wneessen/go-mail":      "by the dialler that paired demands; sendmail is one of methods",
	"modernc.org/libc":                 "C's library for SQLite, which opens no connections",
	"modernc.org/memory":               "memory from the system for SQLite",
	"modernc.org/sqlite":               "files for SQLite",
}

// A library that comes into the functions and can speak to the network must be looked at before it may.
func TestEveryLibraryThatCanSpeakIsArgued(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", "-f", `{{if not .Standard}}{{.ImportPath}} {{.Imports}}{{end}}`, "../functions/...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	silent := map[string]bool{}
	for library := range speaking {
		silent[library] = true
	}
	for line := range strings.Lines(string(out)) {
		pkg, imported, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(pkg, module) || !speaks(strings.Fields(strings.Trim(imported, "[]"))) {
			continue
		}
		known := false
		for library := range speaking {
			if pkg == library || strings.HasPrefix(pkg, library+"/") {
				known, silent[library] = true, false
			}
		}
		if !known {
			t.Errorf("%s can reach the network: see whether it does, and argue it in speaking", pkg)
		}
	}
	for library, gone := range silent {
		if gone {
			t.Errorf("%s is in speaking, and does not speak", library)
		}
	}
}

func speaks(imported []string) bool {
	return slices.ContainsFunc(imported, func(p string) bool {
		return slices.Contains(strings.Fields("net net/http net/smtp net/rpc crypto/tls os/exec plugin C"), p) ||
			strings.HasPrefix(p, "golang.org/x/net/") || strings.HasPrefix(p, "golang.org/x/sys/unix")
	})
}
