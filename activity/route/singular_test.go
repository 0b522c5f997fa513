package route_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity/route"
)

// The type of an object is the word that people search for. Two spellings of it are
// two types.
func TestSingularTable(t *testing.T) {
	for _, c := range readLines(t, "singular.tsv", 3, 300) {
		plural, want, why := c[0], c[1], c[2]
		if got := route.Singular(plural); got != want {
			t.Errorf("%q: got %q, want %q (%s)", plural, got, want, why)
		}
		if again := route.Singular(want); again != want {
			t.Errorf("%q is a singular, and becomes %q (%s)", want, again, why)
		}
	}
}
