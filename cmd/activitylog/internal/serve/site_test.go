package serve

import (
	"net/http"
	"testing"
)

// A page elsewhere cannot make its visitor look at the log, a link can.
func TestSite(t *testing.T) {
	s, err := New(t.Context(), Config{Listen: "127.0.0.1:0", Logger: quiet}, hello, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for _, c := range []struct {
		site, mode, dest string
		want             int
	}{
		{"", "", "", 200}, // a program
		{"none", "navigate", "document", 200}, {"same-origin", "navigate", "document", 200}, {"same-origin", "no-cors", "style", 200},
		{"cross-site", "navigate", "document", 200}, {"same-site", "navigate", "document", 200}, // a link
		{"cross-site", "no-cors", "image", 403}, {"cross-site", "cors", "empty", 403}, {"cross-site", "no-cors", "empty", 403},
		{"cross-site", "navigate", "iframe", 403}, {"same-site", "no-cors", "script", 403}, {"cross-site", "", "", 403},
	} {
		got := ask(s.Handler(), "/", func(r *http.Request) {
			for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Sec-Fetch-Mode": c.mode, "Sec-Fetch-Dest": c.dest} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
		}).Code
		if got != c.want {
			t.Errorf("%+v: got %d", c, got)
		}
	}
}
