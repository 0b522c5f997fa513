// Command generate writes docs/reference/attributes.md from semconv/:
//
//	cd internal/vocabulary && go run ./generate
package main

import (
	"fmt"
	"os"

	"github.com/otelactivity/activitylog/internal/vocabulary"
)

func main() {
	if err := write("../../semconv", "../../docs/reference/attributes.md"); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(folder, file string) error {
	registry, err := vocabulary.Read(folder)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(registry.Page()), 0o644) //nolint:gosec // a page for everybody
}
