package main

import (
	"os"

	"github.com/otelactivity/activitylog/collector/internal/builtin"
)

// The generated main reads os.Args and knows no default configuration, so the
// built-in one is put there before it runs.
func init() { os.Args = builtin.Args(os.Args) }
