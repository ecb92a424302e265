package sandbox

import (
	"encoding/json"
	"net/http"
)

// apiError is an error as Stripe's wire carries it: {"error": {…}}.
type apiError struct {
	status int
	Error  errorBody `json:"error"`
}

type errorBody struct {
	Type          string `json:"type"`
	Code          string `json:"code,omitempty"`
	DeclineCode   string `json:"decline_code,omitempty"`
	Message       string `json:"message"`
	Param         string `json:"param,omitempty"`
	Charge        string `json:"charge,omitempty"`
	PaymentIntent any    `json:"payment_intent,omitempty"`
	SetupIntent   any    `json:"setup_intent,omitempty"`
}

func (e *apiError) answer() Answer {
	body, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return Answer{Status: http.StatusInternalServerError, Body: []byte(`{"error":{"type":"api_error","message":"encoding"}}`)}
	}
	return Answer{Status: e.status, Body: body}
}

func errInvalid(code, param, message string) *apiError {
	return &apiError{http.StatusBadRequest, errorBody{Type: "invalid_request_error", Code: code, Param: param, Message: message}}
}

func errMissing(param string) *apiError {
	return errInvalid("parameter_missing", param, "Missing required param: "+param+".")
}

// errNoSuch is 404 when the id is in the path, 400 when it is a parameter, as Stripe answers.
func errNoSuch(param, id string) *apiError {
	e := errInvalid("resource_missing", param, "No such object: '"+id+"'")
	if param == "id" {
		e.status = http.StatusNotFound
	}
	return e
}

func errNoRoute(method, path string) *apiError {
	e := errInvalid("", "", "Unrecognized request URL ("+method+": "+path+").")
	e.status = http.StatusNotFound
	return e
}

func errUnauthorized() *apiError {
	e := errInvalid("", "", "You did not provide a valid API key.")
	e.status = http.StatusUnauthorized
	return e
}

func errServer() *apiError {
	return &apiError{http.StatusInternalServerError, errorBody{Type: "api_error", Message: "An error occurred inside the sandbox, as it was asked to."}}
}

func errRateLimit() *apiError {
	return &apiError{http.StatusTooManyRequests, errorBody{Type: "invalid_request_error", Code: "rate_limit", Message: "Too many requests."}}
}

func errKeyInUse(key string) *apiError {
	return &apiError{http.StatusConflict, errorBody{Type: "idempotency_error", Code: "idempotency_key_in_use",
		Message: "There is currently another in-progress request using the idempotency key " + key + "."}}
}

func errKeyMismatch(key string) *apiError {
	return &apiError{http.StatusBadRequest, errorBody{Type: "idempotency_error",
		Message: "Keys for idempotent requests can only be used with the same parameters they were first used with: " + key}}
}

// declined is the 402 of a card; whose is the payment or setup that carries the failure.
func (e PaymentError) declined() *apiError {
	return &apiError{http.StatusPaymentRequired, errorBody{Type: e.Type, Code: e.Code, DeclineCode: e.DeclineCode, Message: e.Message, Charge: e.Charge}}
}
