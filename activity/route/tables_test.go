package route_test

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// Requests of frameworks that do not say their route.
func TestPathTable(t *testing.T) {
	for _, c := range readLines(t, "paths.tsv", 4, 70) {
		want := activity.Object{Type: c[1], ID: c[2]}
		for _, pattern := range []string{"", "/", "GET /", "name_of_a_route"} {
			if pattern == "name_of_a_route" && strings.Trim(c[0], "/") == "" || strings.HasPrefix(c[0], ";") || strings.HasPrefix(c[0], "/;") {
				continue // then the name is all that is known
			}
			if got := without(route.Parse(pattern).Act("PUT", c[0], 200).Object); got != want {
				t.Errorf("route %q, path %q: got %+v, want %+v (%s)", pattern, c[0], got, want, c[3])
			}
		}
	}
}

func TestFitsTable(t *testing.T) {
	for _, c := range readLines(t, "fits.tsv", 4, 50) {
		if got := route.Parse(c[0]).Fits(c[1]); got != (c[2] == "yes") {
			t.Errorf("route %q, path %q: got %v, want %s (%s)", c[0], c[1], got, c[2], c[3])
		}
	}
}

// Each literal names the type, or says nothing.
func TestLiteralTable(t *testing.T) {
	for _, c := range readLines(t, "literals.tsv", 3, 50) {
		pattern := "/" + c[0] + "/{id}"
		want := activity.Object{Type: c[1]}
		if c[1] != "" {
			want.ID = "17"
		}
		path := "/" + c[0] + "/17"
		if strings.Contains(c[0], `\`) && c[1] != "" {
			path = "/" + c[1] + "/17"
		}
		if got := without(route.Parse(pattern).Act("PUT", path, 200).Object); got != want {
			t.Errorf("route %q, path %q: got %+v, want %+v (%s)", pattern, path, got, want, c[2])
		}
	}
}

// Which parameter holds the id: another one would be a row about another object.
func TestParameterTable(t *testing.T) {
	for _, c := range readLines(t, "parameters.tsv", 4, 50) {
		template := route.Parse(c[0])
		if got := template.Act("PUT", fill(c[0]), 200).Param; got != c[1] {
			t.Errorf("%s: the id is in %q, want %q (%s)", c[0], got, c[1], c[3])
		}
		if got := template.Act("PUT", fill(c[0]), 200).Object; got.ID != c[2] {
			t.Errorf("%s, %s: got id %q, want %q (%s)", c[0], fill(c[0]), got.ID, c[2], c[3])
		}
	}
}

// fill puts x, y and z, in this order, in the place of a route's parameters.
func fill(pattern string) string {
	values := []string{"x", "y", "z"}
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i], values = values[0], values[1:]
		}
	}
	return strings.Join(segments, "/")
}

func TestPatternTable(t *testing.T) {
	for _, c := range readLines(t, "patterns.tsv", 4, 60) {
		template := route.Parse(c[0])
		if got := template.String(); got != c[1] {
			t.Errorf("%q: String returns %q, want %q (%s)", c[0], got, c[1], c[3])
		}
		if got := template.HasParam(); got != (c[2] == "yes") {
			t.Errorf("%q: has parameters: %v, want %s (%s)", c[0], got, c[2], c[3])
		}
		if got := template.Known(); got != (c[1] != "") {
			t.Errorf("%q: known: %v", c[0], got)
		}
		if again := route.Parse(template.String()); again.String() != template.String() && !strings.Contains(c[0], "?") {
			t.Errorf("%q: reading %q again gives %q", c[0], template, again)
		}
	}
}
