package prepare

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/otelactivity/activitylog/internal/release/api"
	"github.com/otelactivity/activitylog/internal/release/git"
	"github.com/otelactivity/activitylog/internal/release/modules"
)

// manifestFile is the manifest of the OpenTelemetry Collector Builder, beside the program.
const manifestFile = "builder-config.yaml"

// edit changes a file of the worktree, if that changes its text. Errors have its name in the repository.
func edit(work, name string, change func(string) (string, error)) error {
	file := filepath.Join(work, name)
	before, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("edit a file of the release: %w", err)
	}
	after, err := change(string(before))
	if err != nil {
		return fmt.Errorf("edit %s: %w", name, err)
	}
	if after == string(before) {
		return nil
	}
	if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
		return fmt.Errorf("edit a file of the release: %w", err)
	}
	return nil
}

// requireSiblings sets the version of each sibling that a go.mod requires.
func requireSiblings(text string, all []modules.Module, version string) (string, error) {
	file, err := modfile.Parse("go.mod", []byte(text), nil)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if slices.ContainsFunc(file.Require, func(r *modfile.Require) bool { return r.Mod.Path == m.Path }) {
			if err := file.AddRequire(m.Path, version); err != nil {
				return "", err
			}
		}
	}
	after, err := file.Format()
	return string(after), err
}

// dropReplaces removes the replace lines of siblings from a go.mod.
func dropReplaces(text string, all []modules.Module) (string, error) {
	file, err := modfile.Parse("go.mod", []byte(text), nil)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if err := file.DropReplace(m.Path, ""); err != nil {
			return "", err
		}
	}
	if len(file.Replace) > 0 && slices.ContainsFunc(file.Replace, func(r *modfile.Replace) bool { return r.Old.Path != "" }) {
		return "", fmt.Errorf("it replaces modules of others, so nobody could install the program")
	}
	file.Cleanup()
	after, err := file.Format()
	return string(after), err
}

// addSums adds lines to a go.sum, in the order of the go command.
func addSums(text string, sums []string) (string, error) {
	lines := map[module.Version]string{}
	var order []module.Version
	for line := range strings.Lines(text + strings.Join(sums, "\n") + "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			return "", fmt.Errorf("a line of go.sum must have three words; got %q", line)
		}
		m := module.Version{Path: fields[0], Version: fields[1]}
		if _, ok := lines[m]; !ok {
			order = append(order, m)
		}
		lines[m] = strings.Join(fields, " ")
	}
	module.Sort(order)
	var out strings.Builder
	for _, m := range order {
		out.WriteString(lines[m] + "\n")
	}
	return out.String(), nil
}

// manifestReplaces are the replaces at the end of the builder's manifest, with the comment above.
var manifestReplaces = regexp.MustCompile(`(?m)\n+(^#.*\n)*^replaces:\n(^  - .*\n)*`)

// dropManifestReplaces removes the replaces of the builder's manifest.
func dropManifestReplaces(text string) (string, error) {
	after := manifestReplaces.ReplaceAllString(text, "\n")
	if strings.Contains(after, "\nreplaces:") {
		return "", fmt.Errorf(`its replaces must be lines "  - path => folder" at its end`)
	}
	return after, nil
}

// number is a version without "v", but not the "-1" after it in the name of an rpm.
const number = `\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?`

// editTexts sets the version in all files but go.mod and go.sum. Root is the path of the root's module.
func editTexts(work, root, version, date string) error {
	if err := edit(work, "CHANGELOG.md", func(text string) (string, error) { return closeUnreleased(text, version, date) }); err != nil {
		return err
	}
	if err := edit(work, api.AcceptedFile, keepComments); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	plain := strings.TrimPrefix(version, "v")
	rules := []struct {
		files   []string
		pattern *regexp.Regexp
		by      string
	}{
		{[]string{modules.VersionsFile}, regexp.MustCompile(`(?m)^(    version: )v` + number), "${1}" + version},
		{[]string{"instrument/scope.go"}, regexp.MustCompile(`(const Version = ")` + number), "${1}" + plain},
		{[]string{"collector/" + manifestFile}, regexp.MustCompile(`(?m)^(  version: )` + number), "${1}" + plain},
		{[]string{"semconv/manifest.yaml"}, regexp.MustCompile(`(schema_url: .*/semconv/)` + number), "${1}" + plain},
		{[]string{"docs/reference/attributes.md"}, regexp.MustCompile(`(The registry belongs to version )` + number), "${1}" + plain},
		{[]string{"collector/main.go"}, regexp.MustCompile(`(Version: +")` + number), "${1}" + plain},
		// "…/instrument v0.1.0", "…/instrument@v0.1.0" in pages, manifests, and what is generated.
		{texts, regexp.MustCompile(`(` + regexp.QuoteMeta(root) + `(?:/[\w./-]*)?[ @])v` + number), "${1}" + version},
		// What kustomize and compose take.
		{texts, regexp.MustCompile(`(newTag: |\?ref=v|ACTIVITYLOG_VERSION:-)` + number), "${1}" + plain},
		// "otelcol-activitylog:0.1.0", "activitylog_0.1.0_amd64.deb": images and packages.
		{texts, regexp.MustCompile(`(activitylog[:_-]v?)` + number), "${1}" + plain},
	}
	for _, rule := range rules {
		names, err := tracked(work, rule.files...)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := edit(work, name, func(text string) (string, error) { return rule.pattern.ReplaceAllString(text, rule.by), nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepComments empties a list.
func keepComments(text string) (string, error) {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			kept.WriteString(line)
		}
	}
	return kept.String(), nil
}

// texts are the files that name versions of ours.
var texts = []string{"*.md", "*.yaml", "*.yml", "collector/*.go", "*Dockerfile", "*.sh"}

// tracked are the files that match one of the patterns, by their whole path or their name,
// without those that tell of the past or are data of tests.
func tracked(work string, patterns ...string) (names []string, err error) {
	out, err := git.Run(work, "ls-files", "-z")
	if err != nil {
		return nil, fmt.Errorf("look for versions: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(out, "\x00"), "\x00") {
		matches := func(pattern string) bool {
			whole, _ := path.Match(pattern, name)
			base, _ := path.Match(pattern, path.Base(name))
			return whole || base
		}
		if slices.ContainsFunc(patterns, matches) && !past.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// past are files that keep the versions that they have.
var past = regexp.MustCompile(`^(CHANGELOG\.md$|docs/adr/|internal/release/)|(^|/)testdata/`)

// closeUnreleased gives the changes that were not released a version, and begins a new list.
func closeUnreleased(text, version, date string) (string, error) {
	const heading = "## Unreleased\n"
	before, after, ok := strings.Cut(text, "\n"+heading)
	if !ok {
		return "", fmt.Errorf("there is no heading %q", strings.TrimSpace(heading))
	}
	changes, _, _ := strings.Cut(after, "\n## ")
	if strings.TrimSpace(changes) == "" {
		return "", fmt.Errorf("nothing is listed below %q, so there is nothing to release", strings.TrimSpace(heading))
	}
	return before + "\n" + heading + "\n## " + strings.TrimPrefix(version, "v") + " - " + date + "\n" + after, nil
}

// left are the lines that have the version before, which a rule may have missed.
func left(work string, before modules.Versions) (lines []string, err error) {
	names, err := tracked(work, "*")
	if err != nil {
		return nil, err
	}
	for _, set := range before.Sets {
		version := strings.TrimPrefix(set.Version, "v")
		if version == "0.0.0" {
			continue
		}
		whole := regexp.MustCompile(`(^|[^\d.])` + regexp.QuoteMeta(version) + `($|[^\d.]|\.$|\.\D)`)
		for _, name := range names {
			if slices.Contains(sumFiles, path.Base(name)) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(work, name))
			if err != nil {
				continue // a symbolic link to a folder
			}
			for i, line := range strings.Split(string(text), "\n") {
				found := fmt.Sprintf("%s:%d: %s", name, i+1, strings.TrimSpace(line))
				if whole.MatchString(line) && !slices.Contains(lines, found) {
					lines = append(lines, found)
				}
			}
		}
	}
	return lines, nil
}

// sumFiles list modules and packages of others, some of which have the same version.
var sumFiles = []string{"go.mod", "go.sum", "package.json", "package-lock.json"}
