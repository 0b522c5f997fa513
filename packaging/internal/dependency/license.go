package dependency

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// Text is a file that says how a module may be used.
type Text struct {
	Name string // of the file, "LICENSE"
	Text string
}

var (
	licenseFile = regexp.MustCompile(`(?i)^(un)?(licen[sc]e|copying|copyright)s?([-._].*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^(notice|patents|authors)([-._].*)?$`)
	source      = regexp.MustCompile(`(?i)\.(go|s|c|h|tmpl|json|ya?ml)$`)
)

// known is how much of a file, in percent, has to be the text of known licences. The rest are
// names and addresses.
const known = 60

// Licenses returns the names of a module's licences, as SPDX writes them, and the texts of its
// licences and notices. A module without a licence that is known is an error.
func Licenses(module Module) (names []string, texts []Text, err error) {
	for _, folder := range module.Folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, nil, fmt.Errorf("look for the licence of %s: %w", module.Path, err)
		}
		for _, entry := range entries {
			license := licenseFile.MatchString(entry.Name())
			if entry.IsDir() || source.MatchString(entry.Name()) || !license && !noticeFile.MatchString(entry.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				return nil, nil, fmt.Errorf("read the licence of %s: %w", module.Path, err)
			}
			texts = append(texts, Text{Name: entry.Name(), Text: string(text)})
			if license {
				names = append(names, classify(text)...)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("%s %s has no licence that is known: look at %s", module.Path, module.Version, strings.Join(module.Folders, ", "))
	}
	return names, texts, nil
}

// classify returns the licences in a file. A file that is mostly something else has the name
// "unknown", which no list allows.
func classify(text []byte) (names []string) {
	cover := licensecheck.Scan(text)
	for _, match := range cover.Match {
		if !match.IsURL {
			names = append(names, match.ID)
		}
	}
	if cover.Percent < known || len(names) == 0 {
		names = append(names, "unknown")
	}
	return names
}
