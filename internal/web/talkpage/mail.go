package talkpage

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// MailList is the mail that arrived, newest first.
type MailList struct{ Items []MailItem }

// MailItem is one message in the list.
type MailItem struct {
	File, To, Subject string
	At                site.When
	when              time.Time
}

// Letter is one message as a page shows it.
type Letter struct {
	Item  MailItem
	From  string
	Text  string
	Files []File
}

// File is an attachment.
type File struct{ Name, Href string }

var letterPage = site.NewPage[Letter](files, "templates/letter.html")

// Bounds of what is read of the mail folder.
const (
	maxListed = 10
	maxLetter = 20 << 20 // bytes
)

var errNoMail = fault.New(fault.Missing, "mail.none", "There is no such message.")

// mail lists the newest messages. A file that cannot be read is left out: the folder belongs to the user.
func (d *desk) mail() MailList {
	names, err := fs.Glob(d.Mail, "*.eml")
	if err != nil {
		return MailList{}
	}
	var list MailList
	for _, name := range names {
		if m, err := d.open(name); err == nil {
			list.Items = append(list.Items, d.item(name, m))
		}
	}
	slices.SortFunc(list.Items, func(a, b MailItem) int {
		if c := b.when.Compare(a.when); c != 0 {
			return c
		}
		return strings.Compare(b.File, a.File)
	})
	list.Items = list.Items[:min(len(list.Items), maxListed)]
	return list
}

func (d *desk) open(name string) (*mail.Message, error) {
	if !strings.HasSuffix(name, ".eml") || !fs.ValidPath(name) {
		return nil, errNoMail
	}
	raw, err := fs.ReadFile(d.Mail, name)
	if err != nil || len(raw) > maxLetter {
		return nil, errNoMail.Because(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, errNoMail.Because(err)
	}
	return m, nil
}

func (d *desk) item(name string, m *mail.Message) MailItem {
	item := MailItem{File: name, To: decoded(m.Header.Get("To")), Subject: decoded(m.Header.Get("Subject"))}
	if at, err := m.Header.Date(); err == nil {
		item.when, item.At = at, site.At(at, d.Zone)
	}
	return item
}

func decoded(header string) string {
	if text, err := new(mime.WordDecoder).DecodeHeader(header); err == nil {
		return text
	}
	return header
}

// mailPart is the list alone, for the script.
func (d *desk) mailPart(w http.ResponseWriter, r *http.Request) error {
	return page.Part(w, "mail", d.mail())
}

func (d *desk) letter(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	m, err := d.open(name)
	if err != nil {
		return err
	}
	parts, err := partsOf(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	if err != nil {
		return errNoMail.Because(err)
	}
	l := Letter{Item: d.item(name, m), From: decoded(m.Header.Get("From"))}
	for i, p := range parts {
		switch {
		case p.name != "":
			l.Files = append(l.Files, File{p.name, "/mail/" + name + "/" + strconv.Itoa(i)})
		case p.kind == "text/plain" && l.Text == "":
			l.Text = string(p.body)
		}
	}
	return letterPage.Write(w, r, http.StatusOK, l.Item.Subject, l)
}

// attachment shows a PDF and hands out anything else as a download, whatever it claims to be.
func (d *desk) attachment(w http.ResponseWriter, r *http.Request) error {
	m, err := d.open(r.PathValue("file"))
	if err != nil {
		return err
	}
	parts, err := partsOf(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	i, bad := strconv.Atoi(r.PathValue("part"))
	if err != nil || bad != nil || i < 0 || i >= len(parts) {
		return errNoMail.Because(errors.Join(err, bad))
	}
	how, kind := "attachment", "application/octet-stream"
	if parts[i].kind == "application/pdf" {
		how, kind = "inline", "application/pdf"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": parts[i].name}))
	_, _ = w.Write(parts[i].body)
	return nil
}

// part is one leaf of a message, decoded.
type part struct {
	kind string // "text/plain"
	name string // of an attachment
	body []byte
}

// partsOf returns the leaves of a message in their order.
func partsOf(contentType, encoding string, body io.Reader) ([]part, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if !strings.HasPrefix(kind, "multipart/") {
		content, err := io.ReadAll(decode(encoding, body))
		return []part{{kind: kind, name: params["name"], body: content}}, err
	}
	var all []part
	for reader := multipart.NewReader(body, params["boundary"]); ; {
		p, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		inner, err := partsOf(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		if err != nil {
			return nil, err
		}
		if name := p.FileName(); name != "" && len(inner) == 1 {
			inner[0].name = name
		}
		all = append(all, inner...)
	}
}

func decode(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}
