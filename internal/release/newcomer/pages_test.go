//go:build newcomer

package newcomer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	installPage = "docs/operate/install.md"
	servicePage = "docs/develop/go-services.md"
)

// section returns a section of a page of the released clone, from its heading to the next.
func (n *newcomer) section(t *testing.T, page, heading string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(n.clone, page))
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	found, _, _ := strings.Cut(after, "\n## ")
	return found
}

// blocks are the fenced blocks of a page that are in a language.
func blocks(page, language string) (found []string) {
	parts := strings.Split("\n"+page, "\n```")
	for i := 1; i < len(parts); i += 2 {
		if name, text, _ := strings.Cut(parts[i], "\n"); name == language {
			found = append(found, text+"\n")
		}
	}
	return found
}

// commands are the lines of the shell blocks of a page.
func commands(page string) (lines []string) {
	for _, block := range blocks(page, "sh") {
		for line := range strings.Lines(block) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// write writes a file of the newcomer.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
