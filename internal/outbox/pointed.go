package outbox

import "strings"

// Pointed reads the sort key of a due pointer, as a stream of the database's writes shows it: which message of which
// firm became due, or will. ok is false for any other key.
func Pointed(sort string) (firmID, id string, ok bool) {
	parts := strings.Split(sort, "/")
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return "", "", false
	}
	return parts[1], parts[2], true
}
