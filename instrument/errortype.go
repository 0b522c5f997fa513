package instrument

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ErrorType returns the error type of err for [activity.Activity.ErrorType] and the adapters:
// what its method ErrorType says, as semantic conventions have it, else "canceled" or "timeout"
// of a context, else the type of the innermost error that has one of its own,
// "*fs.PathError". An error that only has a text is "error", and nil is "".
func ErrorType(err error) string {
	if err == nil {
		return ""
	}
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
