package dialect

import "fmt"

// ValueError is about a value that cannot be sent in the type that its column has.
// Nothing of its batch was sent.
type ValueError struct {
	Column string
	Row    int // the number of the row, from 1, or 0 if it is not known
	Err    error
}

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("convert a value of the column %s: %v", e.Column, e.Err)
}

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }
