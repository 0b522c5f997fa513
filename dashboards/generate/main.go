// Command generate writes the dashboards and their provisioning files from the
// definitions in internal/board:
//
//	cd dashboards && go run ./generate
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/otelactivity/activitylog/dashboards/internal/board"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	files, err := board.Files()
	if err != nil {
		return err
	}
	for name, content := range files {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // Grafana reads it as another user
			return fmt.Errorf("make folder: %w", err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil { //nolint:gosec // as above
			return fmt.Errorf("write dashboard: %w", err)
		}
	}
	return nil
}
