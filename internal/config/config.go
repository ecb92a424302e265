// Package config reads the environment into validated settings, once, at start. A secret is never in the
// environment itself in the cloud: a setting names it ("ssm:/clerk/token-key") and Secrets fetches it.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
)

// Lookup reads an environment variable: os.Getenv, or a map's in tests.
type Lookup func(name string) string

// Cloud is what the functions on Lambda need. A function reads only what it uses.
type Cloud struct {
	Table    string // CLERK_TABLE: the DynamoDB table
	Region   string // AWS_REGION
	Endpoint string // CLERK_DYNAMO_ENDPOINT: only for a local table
	SkillID  string // CLERK_SKILL_ID: the one application id that the skill answers
	Bucket   string // CLERK_BUCKET: rendered documents; web and worker
	BaseURL  string // CLERK_BASE_URL: https://… of the payer's pages
	MailFrom string // CLERK_MAIL_FROM: the sending address; worker
	SMTP     string // CLERK_SMTP: a reference to smtp://…; empty: SES. worker
	TokenKey string // CLERK_TOKEN_KEY: a reference to the key of access tokens and pay links
	Pepper   string // CLERK_PEPPER: a reference to the key of the codes' HMAC
	Version  string // CLERK_VERSION: what is deployed, for logs and health
	Linking  Linking
	SignUp   bool   // CLERK_SIGNUP=1: everybody may open a firm; web
	Setup    string // CLERK_SETUP_SECRET: a reference to the secret that opens the first firm; what it names may be absent. web
}

// Linking is the one client of account linking: Alexa. Without a vendor's id there is none.
type Linking struct {
	Vendor string // CLERK_VENDOR_ID: of the Alexa developer account; it ends the three redirect addresses
	Client string // CLERK_OAUTH_CLIENT: the client's id, as the skill's account linking names it
	Secret string // CLERK_OAUTH_SECRET: a reference to the client's secret
	PKCE   bool   // CLERK_OAUTH_PKCE=1: requests without a code challenge are refused
}

func readLinking(env Lookup) (l Linking, errs []error) {
	l = Linking{Vendor: env("CLERK_VENDOR_ID"), Client: env("CLERK_OAUTH_CLIENT"), Secret: env("CLERK_OAUTH_SECRET")}
	if l.Vendor == "" {
		return Linking{}, nil
	}
	if strings.Trim(l.Vendor, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		errs = append(errs, errors.New("CLERK_VENDOR_ID must be a vendor's id: capital letters and digits"))
	}
	if l.Client == "" {
		errs = append(errs, errors.New("CLERK_OAUTH_CLIENT is not set: it names the client of account linking"))
	}
	if l.Secret == "" {
		errs = append(errs, errors.New(`CLERK_OAUTH_SECRET is not set: it names the client's secret, "ssm:/path"`))
	}
	switch v := env("CLERK_OAUTH_PKCE"); v {
	case "", "0", "1":
		l.PKCE = v == "1"
	default:
		errs = append(errs, errors.New("CLERK_OAUTH_PKCE must be 0 or 1"))
	}
	return l, errs
}

func readSignUp(env Lookup) (bool, error) {
	switch v := env("CLERK_SIGNUP"); v {
	case "", "0", "1":
		return v == "1", nil
	}
	return false, errors.New("CLERK_SIGNUP must be 0 or 1")
}

// Function names the Lambda function that is being configured.
type Function string

// The functions.
const (
	Skill  Function = "skill"
	Web    Function = "web"
	Worker Function = "worker"
)

// ReadCloud reads the settings of a function; its error lists everything that is wrong at once.
func ReadCloud(env Lookup, f Function) (Cloud, error) {
	c := Cloud{
		Table: env("CLERK_TABLE"), Region: env("AWS_REGION"), Endpoint: env("CLERK_DYNAMO_ENDPOINT"),
		SkillID: env("CLERK_SKILL_ID"), Bucket: env("CLERK_BUCKET"), BaseURL: strings.TrimRight(env("CLERK_BASE_URL"), "/"),
		MailFrom: env("CLERK_MAIL_FROM"), SMTP: env("CLERK_SMTP"),
		TokenKey: env("CLERK_TOKEN_KEY"), Pepper: env("CLERK_PEPPER"), Version: env("CLERK_VERSION"),
	}
	var errs []error
	need := func(name, value, what string) {
		if value == "" {
			errs = append(errs, fmt.Errorf("%s is not set: it names %s", name, what))
		}
	}
	need("CLERK_TABLE", c.Table, "the DynamoDB table")
	need("AWS_REGION", c.Region, "the region of the table")
	need("CLERK_TOKEN_KEY", c.TokenKey, `the secret that signs tokens, "ssm:/path"`)
	need("CLERK_PEPPER", c.Pepper, `the secret of the voice codes, "ssm:/path"`)
	if f == Skill {
		need("CLERK_SKILL_ID", c.SkillID, "the skill's id, amzn1.ask.skill.…")
	}
	if f != Skill {
		need("CLERK_BUCKET", c.Bucket, "the bucket of rendered documents")
		errs = append(errs, checkBase("CLERK_BASE_URL", c.BaseURL))
	}
	if f == Web {
		var wrong []error
		c.Linking, wrong = readLinking(env)
		errs = append(errs, wrong...)
		c.Setup = env("CLERK_SETUP_SECRET")
	}
	var signUp error
	c.SignUp, signUp = readSignUp(env)
	errs = append(errs, signUp)
	if f == Worker {
		need("CLERK_MAIL_FROM", c.MailFrom, "the address that invoices are sent from")
	}
	return c, errors.Join(errs...)
}

func checkBase(name, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
		return fmt.Errorf("%s must be the https:// address of the payers' pages", name)
	}
	return nil
}

// Local is what the laptop's server needs. Everything has a default.
type Local struct {
	Addr     string // CLERK_ADDR, default 127.0.0.1:8080
	Data     string // CLERK_DATA, default ./data: the database, mail, secrets, the sandbox's journal
	Demo     bool   // CLERK_DEMO, default 1: an empty store gets the demo firm
	Sandbox  string // CLERK_SANDBOX_ADDR, default 127.0.0.1:8081; "off" when it runs as its own process
	Process  string // CLERK_SANDBOX_URL: the address of a sandbox in its own process; empty: ours
	SMTP     string // CLERK_SMTP: smtp://…; empty: files in Data/mail
	MailFrom string // CLERK_MAIL_FROM, default billing@demo.test
	SkillID  string // CLERK_SKILL_ID, default the demo's
	BaseURL  string // CLERK_BASE_URL, default http://Addr
	Linking  Linking
	SignUp   bool // CLERK_SIGNUP=1: everybody may open a firm
}

// DemoSkillID is the application id of the demo, where no skill is published.
const DemoSkillID = "amzn1.ask.skill.demo"

// ReadLocal reads the laptop's settings.
func ReadLocal(env Lookup) (Local, error) {
	or := func(name, fallback string) string {
		if v := env(name); v != "" {
			return v
		}
		return fallback
	}
	l := Local{
		Addr: or("CLERK_ADDR", "127.0.0.1:8080"), Data: filepath.Clean(or("CLERK_DATA", "./data")),
		Sandbox: or("CLERK_SANDBOX_ADDR", "127.0.0.1:8081"), Process: env("CLERK_SANDBOX_URL"),
		SMTP: env("CLERK_SMTP"), MailFrom: or("CLERK_MAIL_FROM", "billing@demo.test"),
		SkillID: or("CLERK_SKILL_ID", DemoSkillID), BaseURL: strings.TrimRight(env("CLERK_BASE_URL"), "/"),
	}
	linking, errs := readLinking(env)
	l.Linking = linking
	var signUp error
	l.SignUp, signUp = readSignUp(env)
	errs = append(errs, signUp)
	switch v := or("CLERK_DEMO", "1"); v {
	case "0", "1":
		l.Demo = v == "1"
	default:
		errs = append(errs, errors.New("CLERK_DEMO must be 0 or 1"))
	}
	for name, addr := range map[string]string{"CLERK_ADDR": l.Addr, "CLERK_SANDBOX_ADDR": l.Sandbox} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			errs = append(errs, fmt.Errorf("%s must be host:port, such as 127.0.0.1:8080", name))
		}
	}
	if l.Demo && !Loopback(l.Addr) {
		errs = append(errs, errors.New("CLERK_ADDR is not on loopback: a demo answers this machine only (127.0.0.1 or localhost); set CLERK_DEMO=0 to serve others"))
	}
	return l, errors.Join(errs...)
}

// Loopback reports whether host:port is reachable from this machine only.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
