package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

func invoice() Message {
	return Message{
		ID: "0199-invoice-1", From: "billing@demo.test", FromName: "Démo & Partners", ReplyTo: "ada@demo.test",
		To: "ap@acme.test", Subject: "Invoice 1 — 120,00 €", Text: "Dear client,\n\nthe invoice is attached.\n",
		Date:        time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC),
		Attachments: []Attachment{{Name: "invoice-1.pdf", Type: "application/pdf", Content: bytes.Repeat([]byte{0, 1, 2, 250}, 400)}},
	}
}

func mustRender(t *testing.T, m Message) Letter {
	t.Helper()
	l, err := Render(m)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALetterReadsBackAsItsMessage(t *testing.T) {
	m := invoice()
	got, err := mail.ReadMessage(bytes.NewReader(mustRender(t, m).Raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	from, _ := got.Header.AddressList("From")
	date, _ := got.Header.Date()
	if subject != m.Subject || from[0].Name != m.FromName || !date.Equal(m.Date) ||
		got.Header.Get("Message-ID") != "<0199-invoice-1@demo.test>" || !strings.Contains(got.Header.Get("Reply-To"), m.ReplyTo) {
		t.Errorf("headers: %v", got.Header)
	}
	_, params, _ := mime.ParseMediaType(got.Header.Get("Content-Type"))
	parts := multipart.NewReader(got.Body, params["boundary"])
	text, _ := parts.NextPart()
	body, _ := io.ReadAll(text)
	if strings.ReplaceAll(string(body), "\r\n", "\n") != m.Text {
		t.Errorf("text: %q", body)
	}
	file, _ := parts.NextPart()
	content, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, file))
	if err != nil || file.FileName() != "invoice-1.pdf" || !bytes.Equal(content, m.Attachments[0].Content) {
		t.Errorf("attachment %q: %d bytes, %v", file.FileName(), len(content), err)
	}
}

func TestTheSameMessageGivesTheSameBytes(t *testing.T) {
	if !bytes.Equal(mustRender(t, invoice()).Raw, mustRender(t, invoice()).Raw) {
		t.Error("two renderings differ")
	}
}

func TestAHeaderCannotBeInjected(t *testing.T) {
	m := invoice()
	m.Subject = "Invoice\r\nBcc: thief@example.test"
	got, err := mail.ReadMessage(bytes.NewReader(mustRender(t, m).Raw))
	if err != nil || got.Header.Get("Bcc") != "" {
		t.Errorf("Bcc: %q, %v", got.Header.Get("Bcc"), err)
	}
	for _, to := range []string{"", "nobody", "a@b.test\r\nBcc: c@d.test", "a@b.test, c@d.test"} {
		m := invoice()
		m.To = to
		if _, err := Render(m); !errors.Is(err, ErrAddress) {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

func TestAFolderKeepsEachLetterOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	l := mustRender(t, invoice())
	for range 2 {
		if err := (Folder{dir}).Carry(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := os.ReadDir(dir)
	content, err := os.ReadFile(filepath.Join(dir, "0199-invoice-1.eml"))
	if err != nil || !bytes.Equal(content, l.Raw) || len(files) != 1 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if err := (Folder{dir}).Carry(t.Context(), Letter{ID: "../escape"}); err == nil {
		t.Error("an id left the folder")
	}
}

func TestSMTPCarriesTheBytesToTheOneRecipient(t *testing.T) {
	server := newSMTP(t, "")
	l := mustRender(t, invoice())
	if err := server.carrier.Carry(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	got := <-server.got
	if got.from != l.From || len(got.to) != 1 || got.to[0] != l.To || got.data != string(l.Raw) {
		t.Errorf("server got %q → %q, same bytes: %v", got.from, got.to, got.data == string(l.Raw))
	}
}

func TestARefusedRecipientIsNotNamed(t *testing.T) {
	server := newSMTP(t, "550 no such user ap@acme.test")
	err := server.carrier.Carry(t.Context(), mustRender(t, invoice()))
	if err == nil || strings.Contains(err.Error(), "acme") || !strings.Contains(err.Error(), "550") {
		t.Errorf("error: %v", err)
	}
}

func TestARemoteServerMustEncrypt(t *testing.T) {
	s, err := ParseSMTP("smtp://user:secret@mail.example.test:2525")
	if err != nil || s != (SMTP{Host: "mail.example.test", Port: 2525, User: "user", Password: "secret"}) {
		t.Fatalf("%+v, %v", s, err)
	}
	if s.policy().String() != "TLSMandatory" {
		t.Errorf("policy %v", s.policy())
	}
	for _, bad := range []string{"", "mail.example.test", "http://mail.example.test", "smtp://host:port"} {
		if _, err := ParseSMTP(bad); err == nil {
			t.Errorf("%q read as an address", bad)
		}
	}
}

func TestSESSendsTheBytesAndNamesNobodyInErrors(t *testing.T) {
	status, body := 200, `{"MessageId":"m"}`
	var sent []byte
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		sent, _ = io.ReadAll(r.Body)
		return &http.Response{StatusCode: status, Header: http.Header{"X-Amzn-Errortype": {"MessageRejected"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})}
	ses := NewSES("us-east-1", credentials.NewStaticCredentialsProvider("id", "key", ""), client)
	l := mustRender(t, invoice())
	if err := ses.Carry(t.Context(), l); err != nil || !strings.Contains(string(sent), base64.StdEncoding.EncodeToString(l.Raw)) {
		t.Errorf("sent %d bytes, %v", len(sent), err)
	}
	status, body = 400, `{"message":"Address ap@acme.test is suppressed"}`
	if err := ses.Carry(t.Context(), l); err == nil || strings.Contains(err.Error(), "acme") {
		t.Errorf("error: %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type received struct {
	from string
	to   []string
	data string
}

type smtpServer struct {
	carrier SMTP
	got     chan received
}

// newSMTP starts a small mail server; refuse is its answer to RCPT when not empty.
func newSMTP(t *testing.T, refuse string) smtpServer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := smtpServer{SMTP{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port}, make(chan received, 1)}
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			s.serve(conn, refuse)
		}
	}()
	return s
}

func (s smtpServer) serve(conn net.Conn, refuse string) {
	defer conn.Close()
	in, say := bufio.NewReader(conn), func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 test")
	var got received
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, address := strings.ToUpper(line[:4]), between(line)
		switch {
		case verb == "MAIL":
			got.from = address
		case verb == "RCPT" && refuse != "":
			say(refuse)
			continue
		case verb == "RCPT":
			got.to = append(got.to, address)
		case verb == "DATA":
			say("354 go on")
			got.data = readData(in)
			s.got <- got
		}
		say("250 ok")
	}
}

func between(line string) string {
	if i, j := strings.Index(line, "<"), strings.Index(line, ">"); i >= 0 && j > i {
		return line[i+1 : j]
	}
	return ""
}

func readData(in *bufio.Reader) string {
	var data strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return data.String()
		}
		data.WriteString(strings.TrimPrefix(line, "."))
	}
}

var _ Carrier = Folder{}
var _ Carrier = SMTP{}
var _ Carrier = SES{}
