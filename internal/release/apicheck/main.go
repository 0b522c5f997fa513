// Command apicheck fails if a package exports less than in the last release, or something else.
//
//	make api-check
package main

import (
	"fmt"
	"os"

	"github.com/otelactivity/activitylog/internal/release/api"
	"github.com/otelactivity/activitylog/internal/release/git"
)

func main() {
	root, err := git.Run(".", "rev-parse", "--show-toplevel")
	if err == nil {
		var text string
		text, err = check(root)
		fmt.Print(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "api-check:", err)
		os.Exit(1)
	}
}

// check compares a clone with its last release, and returns what changed, as text.
func check(root string) (string, error) {
	tag, err := api.LastTag(root)
	if err != nil {
		return "", err
	}
	if tag == "" {
		return "There is no tag of a release in this clone, so nothing was compared.\n", nil
	}
	accepted, err := api.Accepted(root)
	if err != nil {
		return "", err
	}
	r, err := api.Compare(root, tag)
	if err != nil {
		return "", err
	}
	broken, stale := r.Judge(accepted)
	text := fmt.Sprintf("%d modules were compared with %s: %d compatible and %d incompatible changes, of which %d are accepted.\n",
		r.Modules, r.Base, len(r.Compatible), len(r.Incompatible), len(r.Incompatible)-len(broken))
	for _, line := range r.Compatible {
		text += "  compatible    " + line + "\n"
	}
	for _, line := range broken {
		text += "  " + api.Incompatible + "  " + line + "\n"
	}
	if len(stale) > 0 {
		return text, fmt.Errorf("%s lists changes that there are not: %q", api.AcceptedFile, stale)
	}
	if len(broken) > 0 {
		return text, fmt.Errorf("%d changes would break programs that use %s; undo them, or list them in %s and in CHANGELOG.md", len(broken), r.Base, api.AcceptedFile)
	}
	return text, nil
}
