package main

import (
	"fmt"
	"os"
	"strings"
)

// packaged are the differences between the shipped configuration and that of the packages.
var packaged = []struct{ old, new string }{
	{
		`# The shipped configuration: OTLP in, rows out. It works without changes:
#
#   bin/otelcol-activitylog --config collector-config.yaml
#
# It writes to the SQLite file activity.db. The program contains this file, and
# uses it when it is started without --config. For another database set an
# environment variable:
`, `# The configuration of otelcol-activitylog.service: OTLP in, rows out. It works without
# changes, and writes to the SQLite file /var/lib/otelcol-activitylog/activity.db. For
# another database set a variable in /etc/otelcol-activitylog/otelcol-activitylog.env:
`,
	},
	{"${env:ACTIVITYLOG_DSN:-file:activity.db}", "${env:ACTIVITYLOG_DSN:-file:/var/lib/otelcol-activitylog/activity.db}"},
	{"${env:ACTIVITYLOG_STORAGE:-./storage}", "${env:ACTIVITYLOG_STORAGE:-/var/lib/otelcol-activitylog/queue}"},
}

// configuration makes the packages' configuration from the shipped one.
func configuration(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("read the shipped configuration: %w", err)
	}
	changed, err := change(string(text))
	if err != nil {
		return fmt.Errorf("make the configuration of the packages from %s: %w", from, err)
	}
	return write(to, []byte(changed))
}

// change fails if the shipped configuration has changed so that a difference does not apply.
func change(text string) (string, error) {
	for _, one := range packaged {
		if n := strings.Count(text, one.old); n != 1 {
			return "", fmt.Errorf("it must have this once, and has it %d times: %s", n, one.old)
		}
		text = strings.Replace(text, one.old, one.new, 1)
	}
	return text, nil
}
