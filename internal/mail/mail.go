// Package mail writes MIME messages and hands them to a carrier: a folder, SMTP or SES. A message is rendered once,
// stored, and sent as those bytes, so that a resend is identical and carries the same Message-ID.
//
// A carrier learns the one recipient and the one message, nothing else.
package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is an e-mail before it is rendered.
type Message struct {
	ID          string // stable and unique: makes the Message-ID, and the file's name in a folder
	From        string // the firm's sending address
	FromName    string // the firm's name
	ReplyTo     string // may be empty
	To          string // the one recipient
	Subject     string
	Text        string // plain text, UTF-8
	Date        time.Time
	Attachments []Attachment
}

// Attachment is a file in a message.
type Attachment struct {
	Name    string // "invoice-1.pdf"
	Type    string // "application/pdf"
	Content []byte
}

// Letter is a rendered message: what a carrier carries.
type Letter struct {
	ID   string // the message's
	From string // envelope sender, a bare address
	To   string // envelope recipient, a bare address
	Raw  []byte // RFC 5322, CRLF lines
}

// Carrier takes a letter to its recipient. At least once: a letter may be carried again after an unknown outcome.
type Carrier interface {
	Carry(ctx context.Context, l Letter) error
}

// ErrAddress is returned for an address that is none.
var ErrAddress = errors.New("mail: not an e-mail address")

// Address returns the bare address in text, or ErrAddress. It refuses what could not be one recipient's.
func Address(text string) (string, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || strings.ContainsAny(a.Address, "\r\n") || len(a.Address) > 254 || !strings.Contains(a.Address, "@") {
		return "", ErrAddress
	}
	return a.Address, nil
}

// Render makes the letter of a message. The same message gives the same bytes.
func Render(m Message) (Letter, error) {
	from, err := Address(m.From)
	if err != nil {
		return Letter{}, fmt.Errorf("sender: %w", err)
	}
	to, err := Address(m.To)
	if err != nil {
		return Letter{}, fmt.Errorf("recipient: %w", err)
	}
	msg, err := compose(m, from, to)
	if err != nil {
		return Letter{}, err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return Letter{}, fmt.Errorf("mail: render: %w", err)
	}
	return Letter{ID: m.ID, From: from, To: to, Raw: raw.Bytes()}, nil
}

func compose(m Message, from, to string) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithBoundary(boundary(m.ID)), gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(m.FromName, from); err != nil {
		return nil, ErrAddress
	}
	if err := msg.To(to); err != nil {
		return nil, ErrAddress
	}
	if m.ReplyTo != "" {
		reply, err := Address(m.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("reply-to: %w", err)
		}
		if err := msg.ReplyTo(reply); err != nil {
			return nil, ErrAddress
		}
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID + "@" + from[strings.LastIndexByte(from, '@')+1:])
	msg.SetDateWithValue(m.Date)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	for _, a := range m.Attachments {
		if err := msg.AttachReader(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(a.Type))); err != nil {
			return nil, fmt.Errorf("mail: attach: %w", err)
		}
	}
	return msg, nil
}

// boundary makes a MIME boundary of the message's id, so that rendering repeats. A hash is in no attachment by chance.
func boundary(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:30])
}
