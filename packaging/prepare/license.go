package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/otelactivity/activitylog/packaging/internal/dependency"
)

// thirdParty is the name of the file with the licences of others.
const thirdParty = "THIRD_PARTY_LICENSES"

const line = "================================================================================\n"

// licenses writes the texts of the licences of all that a program contains to a file. A text
// that many modules share is there once.
func licenses(ctx context.Context, program, file string) error {
	modules, err := dependency.Modules(ctx, program, ".")
	if err != nil {
		return err
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find the standard library: %w", err)
	}
	standard := dependency.Module{Path: dependency.Standard, Version: runtime.Version(), Folders: []string{strings.TrimSpace(string(root))}}
	all := append([]dependency.Module{standard}, modules...)
	var order []string
	users := map[string][]string{}
	for _, module := range all {
		names, texts, err := dependency.Licenses(module)
		if err != nil {
			return fmt.Errorf("list the licences of %s: %w", filepath.Base(program), err)
		}
		for _, text := range texts {
			trimmed := strings.TrimSpace(strings.ReplaceAll(text.Text, "\r\n", "\n"))
			if users[trimmed] == nil {
				order = append(order, trimmed)
			}
			users[trimmed] = append(users[trimmed], fmt.Sprintf("%s %s (%s): %s", module.Path, module.Version, strings.Join(names, ", "), text.Name))
		}
	}
	var out strings.Builder
	out.WriteString("The program contains what others wrote, unchanged. These are their licences and notices.\n" +
		"https://proxy.golang.org has the source code of each module under its name and version.\n\n")
	for _, text := range order {
		out.WriteString(line + strings.Join(users[text], "\n") + "\n" + line + "\n" + text + "\n\n")
	}
	return write(file, []byte(out.String()))
}
