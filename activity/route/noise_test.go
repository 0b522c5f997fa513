package route_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity/route"
)

func TestIsNoise(t *testing.T) {
	for _, c := range readLines(t, "noise.tsv", 6, 80) {
		t.Run(strings.Join(c[:5], " "), func(t *testing.T) {
			code, err := strconv.Atoi(c[3])
			if err != nil {
				t.Fatal(err)
			}
			if got := route.Parse(c[1]).IsNoise(c[0], c[2], code, c[4]); got != (c[5] == "yes") {
				t.Errorf("got %t", got)
			}
		})
	}
}

// Every request is asked about, so the answer must cost no allocation.
func TestIsNoiseAllocatesNothing(t *testing.T) {
	none, known := route.Parse(""), route.Parse("/articles/{id}")
	for path, tmpl := range map[string]*route.Template{
		"/articles/17": known, "/articles/18": none, "/healthz": none, "/static/app.js": none, "/users/3/articles/17/comments/4/likes": none,
	} {
		if n := testing.AllocsPerRun(100, func() { tmpl.IsNoise("GET", path, 200, "curl/8.4.0") }); n > 0 {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}
