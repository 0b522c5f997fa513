// Command prepare makes what packages and archives contain besides the programs: the
// configuration with paths of a system, manual pages, completions of shells, and the licences of
// others. .goreleaser.yaml runs it. Its argument is the folder that it writes to.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: prepare FOLDER")
	}
	if err := run(context.Background(), "..", os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// run writes to a folder what belongs to the repository in root.
func run(ctx context.Context, root, folder string) error {
	if err := os.RemoveAll(folder); err != nil { //nolint:gosec // whoever calls this names it
		return fmt.Errorf("remove what was prepared before: %w", err)
	}
	command := filepath.Join(root, "cmd", "activitylog")
	return errors.Join(
		configuration(filepath.Join(root, "collector-config.yaml"), filepath.Join(folder, "config.yaml")),
		compressed(filepath.Join(root, "CHANGELOG.md"), filepath.Join(folder, "changelog.gz")),
		manual(filepath.Join(command, "man"), filepath.Join(folder, "activitylog", "man")),
		manual(filepath.Join(root, "packaging", "man"), filepath.Join(folder, "otelcol-activitylog", "man")),
		completions(ctx, command, filepath.Join(folder, "completions")),
		licenses(ctx, filepath.Join(root, "collector"), filepath.Join(folder, "otelcol-activitylog", thirdParty)),
		licenses(ctx, command, filepath.Join(folder, "activitylog", thirdParty)),
	)
}

// write writes a file that everybody may read, and makes its folder.
func write(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // whoever calls this names it
		return fmt.Errorf("make the folder of %s: %w", file, err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // whoever calls this names it
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
