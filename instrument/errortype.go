package instrument

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// errorTypeOf returns the error type of err: what its method ErrorType says, as semantic
// conventions have it, else the type of the innermost error that has one of its own,
// "*fs.PathError". An error that only has a text is "error".
func errorTypeOf(err error) string {
	var typed interface{ ErrorType() string }
	switch {
	case errors.As(err, &typed) && typed.ErrorType() != "":
		return typed.ErrorType()
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	}
	for err != nil {
		if name := fmt.Sprintf("%T", err); !strings.HasPrefix(name, "*errors.") && !strings.HasPrefix(name, "*fmt.") {
			return name
		}
		err = errors.Unwrap(err)
	}
	return "error"
}
