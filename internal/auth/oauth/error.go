package oauth

// Code is an error code of RFC 6749 §4.1.2.1 and §5.2.
type Code string

// The codes.
const (
	InvalidRequest          Code = "invalid_request"
	InvalidClient           Code = "invalid_client"
	InvalidGrant            Code = "invalid_grant"
	InvalidScope            Code = "invalid_scope"
	UnsupportedGrantType    Code = "unsupported_grant_type"
	UnsupportedResponseType Code = "unsupported_response_type"
	AccessDenied            Code = "access_denied"
	TemporarilyUnavailable  Code = "temporarily_unavailable"
)

// Error is a refusal that the client, or the person before it, is told. Its text is for developers, in the characters
// that RFC 6749 allows, and names nothing that was sent.
type Error struct {
	Code Code
	Text string
}

// Error is the log's form.
func (e *Error) Error() string { return "oauth: " + string(e.Code) + ": " + e.Text }

func refuse(code Code, text string) *Error { return &Error{code, text} }
