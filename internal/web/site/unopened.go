package site

import "net/http"

// Fail answers a request that failed outside its handler, such as one whose session cannot be read.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
