// Command licenses lists the licences of everything that the published programs and modules
// import, and fails if one is not in allowed.txt: make licenses.
//
// Its arguments are the modules' folders. It writes licenses.tsv.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/packaging/internal/dependency"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background(), "licenses", "..", os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

// run reads allowed.txt in a folder and writes licenses.tsv there. root is the repository's.
func run(ctx context.Context, folder, root string, modules []string) error {
	allowed, err := readAllowed(filepath.Join(folder, "allowed.txt"))
	if err != nil {
		return err
	}
	users, found := map[string][]string{}, map[string]dependency.Module{}
	for _, module := range modules {
		imported, err := dependency.Modules(ctx, filepath.Join(root, module), "./...")
		if err != nil {
			return err
		}
		for _, one := range imported {
			key := one.Path + "\t" + one.Version
			users[key] = append(users[key], module)
			merged := found[key]
			merged.Path, merged.Version = one.Path, one.Version
			merged.Folders = append(merged.Folders, one.Folders...)
			found[key] = merged
		}
	}
	lines, refused, err := table(allowed, users, found)
	if err != nil {
		return err
	}
	text := "module\tversion\tlicences\tused by\n" + strings.Join(lines, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(folder, "licenses.tsv"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the list of licences: %w", err)
	}
	if len(refused) > 0 {
		return fmt.Errorf("licences that packaging/licenses/allowed.txt does not have: %s", strings.Join(refused, ", "))
	}
	return nil
}

// table returns the lines of the list, and what is not allowed.
func table(allowed map[string]bool, users map[string][]string, found map[string]dependency.Module) (lines, refused []string, err error) {
	for key, module := range found {
		slices.Sort(module.Folders)
		module.Folders = slices.Compact(module.Folders)
		names, _, err := dependency.Licenses(module)
		if err != nil {
			return nil, nil, err
		}
		for _, name := range names {
			if !allowed[name] && !allowed[module.Path+" "+name] {
				refused = append(refused, module.Path+" "+name)
			}
		}
		slices.Sort(users[key])
		lines = append(lines, key+"\t"+strings.Join(names, ", ")+"\t"+strings.Join(users[key], ", "))
	}
	slices.Sort(lines)
	slices.Sort(refused)
	return lines, refused, nil
}

// readAllowed reads a list with a licence, or a module and a licence, in each line. What follows
// # is a comment.
func readAllowed(file string) (map[string]bool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the allowed licences: %w", err)
	}
	allowed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			allowed[line] = true
		}
	}
	return allowed, nil
}
