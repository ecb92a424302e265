package local

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxViews and maxDepth bound what reveal unwraps: encodings within encodings, to this depth.
const (
	maxViews = 20_000
	maxDepth = 6
)

// reveal returns a message as it is and as it reads after every encoding is undone, in any order and nesting; all of
// it folded. It reports whether it came to an end within maxViews.
func reveal(raw []byte) (views []string, whole bool) {
	views, whole = unwrap(raw)
	for i, v := range views {
		views[i] = folded(v)
	}
	return views, whole
}

func unwrap(raw []byte) (views []string, whole bool) {
	seen := map[string]bool{string(raw): true}
	views = []string{string(raw)}
	for begin, depth := 0, 0; depth < maxDepth && begin < len(views); depth++ {
		end := len(views)
		for ; begin < end; begin++ {
			for _, undo := range undoing {
				for _, text := range undo(views[begin]) {
					if text == "" || seen[text] {
						continue
					}
					if len(views) == maxViews {
						return views, false
					}
					seen[text] = true
					views = append(views, text)
				}
			}
		}
	}
	return views, true
}

// undoing are the encodings, each undone wherever it occurs in a text.
var undoing = []func(string) []string{unpercent, unentity, unescape, unquote, unword, unwide, unpack, unstream, unbase64, unhex}

var percent = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unpercent undoes URL and form encoding; a stray percent sign stays.
func unpercent(text string) []string {
	plain := percent.ReplaceAllStringFunc(text, func(s string) string {
		b, _ := hex.DecodeString(s[1:])
		return string(b)
	})
	return []string{plain, strings.ReplaceAll(plain, "+", " ")}
}

func unentity(text string) []string { return []string{html.UnescapeString(text)} }

var escape = regexp.MustCompile(`(?:\\u[0-9A-Fa-f]{4})+|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}|\\[nrtbf]|\\.`)

// unescape undoes the backslash escapes of JSON, JavaScript and PDF.
func unescape(text string) []string {
	return []string{escape.ReplaceAllStringFunc(text, func(s string) string {
		switch {
		case strings.HasPrefix(s, `\u`) && len(s) > 2:
			var units []uint16
			for _, digits := range strings.Split(s, `\u`)[1:] {
				n, _ := strconv.ParseUint(digits, 16, 16)
				units = append(units, uint16(n))
			}
			return string(utf16.Decode(units))
		case strings.HasPrefix(s, `\x`) && len(s) == 4:
			n, _ := strconv.ParseUint(s[2:], 16, 8)
			return string(rune(n))
		case len(s) == 4:
			n, _ := strconv.ParseUint(s[1:], 8, 16)
			return string(rune(n))
		case strings.Contains("nrtbf", s[1:]):
			return " "
		}
		return s[1:]
	})}
}

// unquote undoes quoted-printable. A text that is not quoted-printable throughout is read as far as it is.
func unquote(text string) []string {
	if !strings.Contains(text, "=") {
		return nil
	}
	plain, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text)))
	return []string{string(plain)}
}

// unword undoes the encoded words of mail headers.
func unword(text string) []string {
	if !strings.Contains(text, "=?") {
		return nil
	}
	plain, _ := new(mime.WordDecoder).DecodeHeader(text)
	return []string{plain}
}

// unwide reads two-byte characters of the first page as one.
func unwide(text string) []string { return []string{strings.ReplaceAll(text, "\x00", "")} }

// unpack undoes gzip and zlib.
func unpack(text string) []string {
	if i := strings.Index(text, "\x1f\x8b\x08"); i >= 0 {
		if r, err := gzip.NewReader(strings.NewReader(text[i:])); err == nil {
			plain, _ := io.ReadAll(r)
			return []string{string(plain)}
		}
	}
	if r, err := zlib.NewReader(strings.NewReader(text)); err == nil {
		plain, _ := io.ReadAll(r)
		return []string{string(plain)}
	}
	return nil
}

var (
	stream = regexp.MustCompile(`(?s)stream\r?\n(.*?)endstream`)
	shown  = regexp.MustCompile(`(?s)\(((?:[^\\)]|\\.)*)\)\s*Tj`)
)

// unstream inflates the streams of a PDF, and joins the words that a page shows.
func unstream(text string) (found []string) {
	if !strings.Contains(text, "%PDF") {
		return nil
	}
	for _, m := range stream.FindAllStringSubmatch(text, -1) {
		for _, plain := range unpack(m[1]) {
			if !readable(plain) {
				continue
			}
			words := ""
			for _, s := range shown.FindAllStringSubmatch(plain, -1) {
				words += strings.ReplaceAll(s[1], "\x00", "") + " "
			}
			found = append(found, plain, words)
		}
	}
	return found
}

var (
	base64Runs = regexp.MustCompile(`[A-Za-z0-9+/]{6,}|[A-Za-z0-9_-]{6,}`)
	urlRuns    = regexp.MustCompile(`[A-Za-z0-9_-]{6,}`)
	mimeLines  = regexp.MustCompile(`(?:[A-Za-z0-9+/]{40,}\r?\n)+[A-Za-z0-9+/]*={0,2}`)
	hexRuns    = regexp.MustCompile(`[0-9A-Fa-f]{8,}`)
)

// unbase64 decodes whatever may be base64 of either alphabet, wherever it may begin in a run of its letters.
func unbase64(text string) (found []string) {
	var runs []string
	text = mimeLines.ReplaceAllStringFunc(text, func(lines string) string {
		runs = append(runs, strings.NewReplacer("\r", "", "\n", "", "=", "").Replace(lines))
		return " "
	})
	runs = append(append(runs, base64Runs.FindAllString(text, -1)...), urlRuns.FindAllString(text, -1)...)
	for _, run := range runs {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for skip := range min(4, len(run)) {
			plain, _ := base64.RawStdEncoding.DecodeString(run[skip : len(run)-(len(run)-skip)%4])
			rest, _ := base64.RawStdEncoding.DecodeString(run[skip:])
			for _, b := range [][]byte{plain, rest} {
				if readable(string(b)) {
					found = append(found, string(b))
				}
			}
		}
	}
	return found
}

func unhex(text string) (found []string) {
	for _, run := range hexRuns.FindAllString(text, -1) {
		for skip := range 2 {
			b, _ := hex.DecodeString(run[skip : len(run)-(len(run)-skip)%2])
			if readable(string(b)) {
				found = append(found, string(b))
			}
		}
	}
	return found
}

// readable tells text, and what unpacks to text, from the noise that decoding something else gives.
func readable(s string) bool {
	if strings.HasPrefix(s, "\x1f\x8b\x08") || strings.HasPrefix(s, "%PDF") {
		return true
	}
	if r, err := zlib.NewReader(strings.NewReader(s)); err == nil && r != nil {
		return true
	}
	s = strings.ReplaceAll(s, "\x00", "")
	good := 0
	for _, r := range s {
		if r != utf8.RuneError && (unicode.IsPrint(r) || unicode.IsSpace(r)) {
			good++
		}
	}
	return len(s) >= 4 && good*10 >= 9*utf8.RuneCountInString(s)
}

// holds reports whether a folded text holds words, whatever their case and spaces. A short word must stand alone: six
// letters occur by chance in what is encoded.
func holds(text, words string) bool {
	words = folded(words)
	for i := 0; ; i++ {
		at := strings.Index(text[i:], words)
		if at < 0 {
			return false
		}
		i += at
		if len(words) > 7 || !letterAt(text, i-1) && !letterAt(text, i+len(words)) {
			return true
		}
	}
}

func folded(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

func letterAt(text string, i int) bool {
	return i >= 0 && i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '0' && text[i] <= '9' || text[i] >= 0x80)
}

// disguises are ways in which a name might leave, by accident or on purpose.
var disguises = map[string]func(string) string{
	"plain":           func(s string) string { return s },
	"upper case":      strings.ToUpper,
	"base64":          func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 unpadded": func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("~~~~" + s + "??>>")) },
	"base64 in a run": func(s string) string { return "id" + base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 twice": func(s string) string {
		return base64.URLEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	},
	"base64 in lines": mimed,
	"base64 of JSON": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"client":"` + unicoded(s) + `"}`))
	},
	"percent":       url.QueryEscape,
	"percent twice": func(s string) string { return url.QueryEscape(url.PathEscape(s)) },
	"every letter":  func(s string) string { return each(s, "%", 2) },
	"JSON":          unicoded,
	"JSON in JSON":  func(s string) string { b, _ := json.Marshal(`{"a":"` + unicoded(s) + `"}`); return string(b) },
	"HTML":          html.EscapeString,
	"HTML numbers": func(s string) string {
		return spelled(s, func(r rune) string { return "&#" + strconv.Itoa(int(r)) + ";" })
	},
	"HTML hexadecimals": func(s string) string {
		return spelled(s, func(r rune) string { return "&#x" + strconv.FormatInt(int64(r), 16) + ";" })
	},
	"hexadecimal": func(s string) string { return hex.EncodeToString([]byte(s)) },
	"gzip":        func(s string) string { return base64.StdEncoding.EncodeToString(gzipped(s)) },
	"gzip, bare":  func(s string) string { return "data=" + string(gzipped(s)) },
	"zlib":        func(s string) string { return base64.StdEncoding.EncodeToString(deflated(s)) },
	"wide": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(spelled(s, func(r rune) string { return "\x00" + string(r) })))
	},
	"quoted-printable":  func(s string) string { return each(s, "=", 2) },
	"a header's word":   func(s string) string { return mime.BEncoding.Encode("utf-8", "é "+s) },
	"a header's letter": func(s string) string { return mime.QEncoding.Encode("utf-8", "é "+s) },
	"a PDF": func(s string) string {
		return mimed("%PDF-1.4\nstream\n" + string(deflated("BT (\x00"+strings.Join(strings.Split(s, ""), "\x00")+") Tj")) + "\nendstream")
	},
}

func spelled(s string, letter func(rune) string) string {
	var out strings.Builder
	for _, r := range s {
		out.WriteString(letter(r))
	}
	return out.String()
}

func each(s, sign string, width int) string {
	return spelled(s, func(r rune) string {
		digits := strings.ToUpper(strconv.FormatInt(int64(r), 16))
		return sign + strings.Repeat("0", max(0, width-len(digits))) + digits
	})
}

func unicoded(s string) string { return strings.ToLower(each(s, `\u`, 4)) }

func mimed(s string) string {
	text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("Dear ", 20) + s + strings.Repeat(" yours", 20)))
	if strings.HasPrefix(s, "%PDF") {
		text = base64.StdEncoding.EncodeToString([]byte(s + strings.Repeat("\n", 90)))
	}
	var lines []string
	for len(text) > 76 {
		lines, text = append(lines, text[:76]), text[76:]
	}
	return strings.Join(append(lines, text), "\r\n")
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

func deflated(s string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

func TestADisguisedNameIsSeen(t *testing.T) {
	for name, disguise := range disguises {
		for _, words := range []string{"Acme Corporation", "O'Brien & Sons", "payables@hughes.test"} {
			message := "POST http://127.0.0.1/v1/payment_intents\r\nContent-Type: text/plain\r\n\r\namount=12000&metadata[note]=" + disguise(words) + "&currency=usd"
			views, whole := reveal([]byte(message))
			if !whole || !seen(views, words) {
				t.Errorf("%s: %q is not seen in %q; %d views, all: %v", name, words, message, len(views), whole)
			}
			if seen(views, "Beta Industries") {
				t.Errorf("%s: Beta was seen, who is not there", name)
			}
		}
	}
}

func seen(views []string, words string) bool {
	for _, v := range views {
		if holds(v, words) {
			return true
		}
	}
	return false
}

func TestAShortWordIsSeenOnlyAlone(t *testing.T) {
	for text, want := range map[string]bool{"xAcMe9": false, "Acme": true, "to ACME, inc": true, "acme_1": true, "pacmeister acme": true, "": false} {
		if holds(folded(text), "acme") != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
	if !holds(folded("xACME  corporationy"), "Acme Corporation") {
		t.Error("a long name was not seen inside a word")
	}
}
