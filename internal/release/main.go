// Command release makes the commits and tags of a release in the clone that it runs in.
// docs/maintain/release.md says what else a release needs.
//
//	make release VERSION=v0.1.0
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/otelactivity/activitylog/internal/release/git"
	"github.com/otelactivity/activitylog/internal/release/prepare"
)

func main() {
	date := flag.String("date", time.Now().UTC().Format(time.DateOnly), "the date in CHANGELOG.md")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: make release VERSION=v0.1.0")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *date); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(version, date string) error {
	root, err := git.Run(".", "rev-parse", "--show-toplevel")
	if err != nil {
		return fmt.Errorf("find the clone: %w", err)
	}
	r, err := prepare.Run(root, version, date)
	if err != nil {
		return err
	}
	fmt.Printf("%s is commit %.12s on branch %s, with %d tags. Nothing was pushed.\n", r.Version, r.Commit, r.Branch, len(r.Tags))
	if len(r.Left) > 0 {
		fmt.Println("\nThese lines still have the version before:")
		for _, line := range r.Left {
			fmt.Println("  " + line)
		}
	}
	fmt.Printf(`
To publish it, after make release-test:

  git push origin %s
  git tag --points-at %.12s | grep / | xargs git push origin
  git push origin %s

To give it up:

  git tag --points-at %.12s | xargs git tag -d
  git reset --hard %.12s^
`, r.Branch, r.Commit, r.Version, r.Commit, r.Commit)
	return nil
}
