package guide_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxColumns is the longest line of prose, in characters.
const maxColumns = 120

// TestLineLength checks each line of prose in Markdown files, and each comment line in
// YAML files. Prose in Markdown is every line except those of fenced code blocks and of
// tables (they begin with "|"), and except a line of one word, which cannot be broken.
// What mdatagen writes is left out: documentation.md, and the status part of READMEs.
func TestLineLength(t *testing.T) {
	for file, text := range pages(t) {
		if filepath.Base(file) == "documentation.md" {
			continue
		}
		for _, line := range longLines(prose(text)) {
			t.Errorf("%s:%s", file, line)
		}
	}
	for file, text := range sources(t, ".yaml", ".yml") {
		for _, line := range longLines(comments(text)) {
			t.Errorf("%s:%s", file, line)
		}
	}
	long := strings.Repeat("word ", 30)
	if got := longLines(prose("short\n" + long + "\n")); len(got) != 1 {
		t.Fatalf("a long line is found: got %v, want %v of them", got, 1)
	}
	if got := longLines(prose("```\n" + long + "\n```\n| " + long + " |\n[" + strings.ReplaceAll(long, " ", "-") + "](x)\n")); len(got) != 0 {
		t.Fatalf("got %v, want nothing", got)
	}
	if got := longLines(comments("a: 1\n  # " + long + "\n")); len(got) != 1 {
		t.Fatalf("a long comment is found: got %v, want %v of them", got, 1)
	}
	if got := longLines(comments("a: " + long + "\n")); len(got) != 0 {
		t.Fatalf("got %v, want nothing", got)
	}
}

// TestTableCells checks that no cell of a table in a Markdown file has more than two
// sentences. A sentence ends with ".", "!" or "?" before a space or the end of the cell;
// code and the targets of links do not count.
func TestTableCells(t *testing.T) {
	for file, text := range pages(t) {
		for _, cell := range longCells(text) {
			t.Errorf("%s:%s", file, cell)
		}
	}
	if got := longCells("| a | One. Two. Three |\n"); len(got) != 1 {
		t.Fatalf("a cell of three sentences is found: got %v, want %v of them", got, 1)
	}
	if got := longCells("| a | One. Two, v1.2, `a. b. c.` |\n```\n| One. Two. Three. |\n```\n"); len(got) != 0 {
		t.Fatalf("got %v, want nothing", got)
	}
}

// TestPhrases checks that no phrase of testdata/phrases.txt is used in a Markdown file, in
// a comment of a YAML file or in a Go file, whatever its case and line breaks.
func TestPhrases(t *testing.T) {
	text, err := os.ReadFile("testdata/phrases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var phrases []string
	for line := range strings.Lines(string(text)) {
		if line = plain(line); line != "" && !strings.HasPrefix(line, "#") {
			phrases = append(phrases, line)
		}
	}
	for _, phrase := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(phrase, "## "); ok { // a heading, not a comment
			phrases = append(phrases, "## "+plain(rest))
		}
	}
	if len(phrases) <= 140 {
		t.Fatalf("len(phrases): got %v, want more than %v", len(phrases), 140)
	}
	for file, text := range sources(t, ".md", ".go", ".yaml", ".yml") {
		switch filepath.Ext(file) {
		case ".yaml", ".yml":
			text = strings.Join(comments(text), "\n")
		case ".go":
			text = commentMark.ReplaceAllString(text, "")
		}
		for _, phrase := range used(phrases, text) {
			t.Errorf("%s: %q", file, phrase)
		}
	}
	made := "A page that says " + strings.ToUpper(strings.ReplaceAll(phrases[0], " ", "\n")) + "."
	if got := used(phrases, made); !slices.Equal(got, phrases[:1]) {
		t.Fatalf("a phrase is found, in any case and across lines: got %v, want %v", got, phrases[:1])
	}
	if got := used(phrases, "a"+phrases[0]+"a"); len(got) != 0 {
		t.Fatalf("parts of words do not count: got %v, want nothing", got)
	}
}

// used returns the phrases that a text has, as words of their own.
func used(phrases []string, text string) (found []string) {
	text = plain(text)
	for _, phrase := range phrases {
		for i := strings.Index(text, phrase); i >= 0; {
			if !letter(text[:i], true) && !letter(text[i+len(phrase):], false) {
				found = append(found, phrase)
				break
			}
			next := strings.Index(text[i+1:], phrase)
			if next < 0 {
				break
			}
			i += 1 + next
		}
	}
	return found
}

// letter reports whether a text ends with a letter, or begins with one.
func letter(text string, end bool) bool {
	r, _ := utf8.DecodeRuneInString(text)
	if end {
		r, _ = utf8.DecodeLastRuneInString(text)
	}
	return 'a' <= r && r <= 'z'
}

var commentMark = regexp.MustCompile(`(?m)^\s*//`)

// plain returns a text in lower case, with one space for all white space.
func plain(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// prose returns the lines of a Markdown page, with "" for those of fenced code blocks, of
// tables, and of what mdatagen writes.
func prose(page string) (lines []string) {
	fenced, generated := false, false
	for _, line := range strings.Split(page, "\n") {
		trimmed := strings.TrimSpace(line)
		fence := strings.HasPrefix(trimmed, "```")
		generated = generated && trimmed != "<!-- end autogenerated section -->" || trimmed == "<!-- status autogenerated section -->"
		if fenced || fence || generated || strings.HasPrefix(trimmed, "|") {
			line = ""
		}
		fenced = fenced != fence
		lines = append(lines, line)
	}
	return lines
}

// comments returns the comment lines of a YAML file, without "#", and "" for all others.
func comments(text string) (lines []string) {
	for _, line := range strings.Split(text, "\n") {
		_, comment, ok := strings.Cut(line, "#")
		if !ok || strings.TrimSpace(line)[0] != '#' {
			comment = ""
		} else {
			comment = strings.Repeat(" ", strings.Index(line, "#")+1) + comment
		}
		lines = append(lines, comment)
	}
	return lines
}

// longLines returns the lines with more than maxColumns characters that can be broken.
func longLines(lines []string) (found []string) {
	for i, line := range lines {
		words := strings.Fields(line)
		words = slices.DeleteFunc(words, func(w string) bool { return w == "-" || w == "*" })
		if n := utf8.RuneCountInString(line); n > maxColumns && len(words) > 1 {
			found = append(found, fmt.Sprintf("%d: %d columns: %s", i+1, n, line))
		}
	}
	return found
}

var (
	notText     = regexp.MustCompile("`[^`]*`|\\]\\([^)]*\\)")
	sentenceEnd = regexp.MustCompile(`[.!?]+[)*"]*(\s|$)`)
)

// longCells returns the cells of a page's tables with more than two sentences.
func longCells(page string) (found []string) {
	fenced := false
	for i, line := range strings.Split(page, "\n") {
		line = strings.TrimSpace(line)
		fenced = fenced != strings.HasPrefix(line, "```")
		if fenced || !strings.HasPrefix(line, "|") {
			continue
		}
		for _, cell := range strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, " "), "|"), "|") {
			text := strings.TrimSpace(notText.ReplaceAllString(cell, "x"))
			sentences := len(sentenceEnd.FindAllString(text, -1))
			if text != "" && !strings.ContainsAny(text[len(text)-1:], ".!?") {
				sentences++
			}
			if sentences > 2 {
				found = append(found, fmt.Sprintf("%d: %d sentences: %s", i+1, sentences, cell))
			}
		}
	}
	return found
}
