package oauth

// Paths of the endpoints. MetadataPath is the well-known one of RFC 8414 §3 for an issuer without a path.
const (
	AuthorizePath = "/oauth/authorize"
	TokenPath     = "/oauth/token"
	RevokePath    = "/oauth/revoke"
	MetadataPath  = "/.well-known/oauth-authorization-server"
)

// Metadata is what a client may know of the server beforehand (RFC 8414 §2).
type Metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	Scopes        []string `json:"scopes_supported"`
	Responses     []string `json:"response_types_supported"`
	Modes         []string `json:"response_modes_supported"`
	Grants        []string `json:"grant_types_supported"`
	TokenAuth     []string `json:"token_endpoint_auth_methods_supported"`
	RevokeAuth    []string `json:"revocation_endpoint_auth_methods_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
}

// Describe returns the metadata of the server at an issuer: an https address without a slash at its end.
func Describe(issuer string) Metadata {
	methods := []string{"client_secret_basic", "client_secret_post"}
	return Metadata{
		Issuer: issuer, Authorization: issuer + AuthorizePath, Token: issuer + TokenPath, Revocation: issuer + RevokePath,
		Scopes: []string{Scope}, Responses: []string{"code"}, Modes: []string{"query"},
		Grants: []string{"authorization_code", "refresh_token"}, TokenAuth: methods, RevokeAuth: methods, Challenges: []string{"S256"},
	}
}
