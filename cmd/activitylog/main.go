// Command activitylog reads the rows of activity_log, and keeps the table in order.
// docs/audit/command.md has a section for each of its commands.
package main

import (
	"os"
	_ "time/tzdata" // containers often have no time zones

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/cli"
)

func main() { os.Exit(cli.Main()) }
