package site

import (
	"net/http"
	"regexp"
)

// Notice is what an act says about itself on the page that follows it.
type Notice struct {
	Text string
	Bad  bool
}

// notices are all sentences that can follow an act, by their code. Only the code travels, in a cookie that one page
// uses up: nobody can make a page say something else.
var notices = map[string]Notice{}

// Say declares the sentence of a notice's code. Packages declare theirs when the program starts.
func Say(code, text string) string {
	if !noticeCode.MatchString(code) || notices[code].Text != "" {
		panic("site: notice " + code + " is badly named or declared twice")
	}
	notices[code] = Notice{Text: text}
	return code
}

var noticeCode = regexp.MustCompile(`^[a-z][a-z.-]{2,40}$`)

// Done ends a form's request: it redirects to a page that will show the notice.
func Done(w http.ResponseWriter, r *http.Request, to, code string) error {
	http.SetCookie(w, noticeCookie(r, code, 60))
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func noticeCookie(r *http.Request, code string, seconds int) *http.Cookie {
	secure := visitOf(r).site.secure()
	return &http.Cookie{
		Name: noticeName(secure), Value: code, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
}

// noticeName takes the __Host- prefix where browsers accept it: only over https.
func noticeName(secure bool) string {
	if secure {
		return "__Host-notice"
	}
	return "notice"
}

// takeNotice returns the notice that waits for this page, and uses it up.
func takeNotice(w http.ResponseWriter, r *http.Request) Notice {
	c, err := r.Cookie(noticeName(visitOf(r).site.secure()))
	if err != nil {
		return Notice{}
	}
	http.SetCookie(w, noticeCookie(r, "", -1))
	return notices[c.Value]
}
