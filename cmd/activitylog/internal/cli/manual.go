package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manualDate is the date of the pages. It is not today, so that they change only if the
// commands do.
var manualDate = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// WriteManual writes the manual pages of all commands to a folder, in section 1.
func WriteManual(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // everybody reads them
		return fmt.Errorf("make the folder of the manual pages: %w", err)
	}
	root := newRoot(newApp(os.Stdin, os.Stdout, os.Stderr, os.Getenv))
	root.DisableAutoGenTag = true
	withoutCompletions(root)
	header := &doc.GenManHeader{Section: "1", Date: &manualDate, Source: "activitylog", Manual: "activitylog"}
	if err := doc.GenManTree(root, header, folder); err != nil {
		return fmt.Errorf("write the manual pages: %w", err)
	}
	return nil
}

// withoutCompletions leaves out the page of each shell: cobra's text is on the page of the
// command completion as well.
func withoutCompletions(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.RemoveCommand(cmd.Commands()...)
			cmd.Use = "completion bash|zsh|fish|powershell"
		}
	}
}
