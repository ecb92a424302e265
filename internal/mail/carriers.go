package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	gomail "github.com/wneessen/go-mail"

	"github.com/billingclerk/billingclerk/internal/outbound"
)

// Folder keeps letters as files named <id>.eml: the carrier of a laptop. The same letter is the same file.
type Folder struct{ Dir string }

var safeID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,120}$`)

// Carry writes the letter whole or not at all.
func (f Folder) Carry(_ context.Context, l Letter) error {
	if !safeID.MatchString(l.ID) {
		return errors.New("mail: an id that makes no file name")
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	part := filepath.Join(f.Dir, "."+l.ID+".part")
	if err := writeSynced(part, l.Raw); err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	if err := os.Rename(part, filepath.Join(f.Dir, l.ID+".eml")); err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	return nil
}

func writeSynced(path string, content []byte) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err = file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

// SMTP carries letters to a mail server.
type SMTP struct {
	Host     string
	Port     int
	TLS      bool // TLS from the first byte (port 465); otherwise STARTTLS is demanded, except on loopback
	User     string
	Password string
}

// ParseSMTP reads smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465.
func ParseSMTP(address string) (SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return SMTP{}, errors.New("mail: an SMTP address looks like smtp://user:password@mail.example.com:587")
	}
	s := SMTP{Host: u.Hostname(), TLS: u.Scheme == "smtps", User: u.User.Username(), Port: 587}
	s.Password, _ = u.User.Password()
	if s.TLS {
		s.Port = 465
	}
	if u.Port() != "" {
		if s.Port, err = strconv.Atoi(u.Port()); err != nil {
			return SMTP{}, errors.New("mail: the SMTP port is not a number")
		}
	}
	return s, nil
}

// Carry hands the letter's bytes to the server unchanged.
func (s SMTP) Carry(ctx context.Context, l Letter) (err error) {
	client, err := gomail.NewClient(s.Host, s.options()...)
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("smtp: connect: %w", err)
	}
	defer func() { _ = conn.Close() }() // after Quit this only reports that it is closed
	if err := conn.Mail("<" + l.From + ">"); err != nil {
		return fmt.Errorf("smtp: sender: %w", err)
	}
	if err := conn.Rcpt("<" + l.To + ">"); err != nil {
		return fmt.Errorf("smtp: recipient refused: %w", withoutText(err))
	}
	data, err := conn.Data()
	if err != nil {
		return fmt.Errorf("smtp: data: %w", err)
	}
	if _, err := data.Write(l.Raw); err != nil {
		return fmt.Errorf("smtp: data: %w", err)
	}
	if err := data.Close(); err != nil {
		return fmt.Errorf("smtp: data: %w", withoutText(err))
	}
	_ = conn.Quit() // the server has taken the letter: what it says now changes nothing
	return nil
}

func (s SMTP) options() []gomail.Option {
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(20 * time.Second),
		gomail.WithDialContextFunc(s.dial), gomail.WithTLSPolicy(s.policy()),
	}
	if s.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return options
}

func (s SMTP) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.TLS {
		return outbound.DialTLS(ctx, network, address, &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12})
	}
	return outbound.Dial(ctx, network, address)
}

func (s SMTP) policy() gomail.TLSPolicy {
	ip := net.ParseIP(s.Host)
	if s.TLS || s.Host == "localhost" || ip != nil && ip.IsLoopback() {
		return gomail.NoTLS // already encrypted, or never leaves the machine
	}
	return gomail.TLSMandatory
}

// withoutText keeps a server's answer out of the log: it may repeat the recipient's address.
func withoutText(err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return fmt.Errorf("the server answered %d", reply.Code)
	}
	return errors.New("the server refused it")
}

// SES carries letters through Amazon SES in the firm's own account.
type SES struct{ client *sesv2.Client }

// NewSES returns the carrier for a region; credentials are looked up by the caller.
func NewSES(region string, credentials aws.CredentialsProvider, client *http.Client) SES {
	return SES{sesv2.New(sesv2.Options{Region: region, Credentials: credentials, HTTPClient: client, RetryMaxAttempts: 2})}
}

// Carry sends the letter's bytes.
func (s SES) Carry(ctx context.Context, l Letter) error {
	_, err := s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(l.From),
		Destination:      &types.Destination{ToAddresses: []string{l.To}},
		Content:          &types.EmailContent{Raw: &types.RawMessage{Data: l.Raw}},
	})
	if err != nil {
		return fmt.Errorf("ses: %w", withoutAddress(err))
	}
	return nil
}

// withoutAddress keeps SES's message, which may repeat an address, out of the log; its code stays.
func withoutAddress(err error) error {
	var api interface{ ErrorCode() string }
	if errors.As(err, &api) {
		return errors.New(api.ErrorCode())
	}
	return err
}
