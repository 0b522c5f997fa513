package main

import (
	"fmt"
	"os"

	"github.com/otelactivity/activitylog/collector/internal/builtin"
)

// The generated main reads os.Args and knows no default configuration, so the
// built-in one is put there before it runs.
func init() {
	for _, line := range builtin.Replaced(os.Args) {
		fmt.Fprintln(os.Stderr, "warning:", line)
	}
	os.Args = builtin.Args(os.Args)
}
