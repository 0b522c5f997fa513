package activity_test

import (
	"slices"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestWords(t *testing.T) {
	for name, want := range map[string][]string{
		"":                            nil,
		"_-/ ":                        nil,
		"GetHTTPServer":               {"get", "http", "server"},
		"getHTTP":                     {"get", "http"},
		"A":                           {"a"},
		"AB":                          {"ab"},
		"ABc":                         {"a", "bc"},
		"get_Article-v2":              {"get", "article", "v2"},
		"V2Article":                   {"v2", "article"},
		"X-Api-Key":                   {"x", "api", "key"},
		"userApiKey":                  {"user", "api", "key"},
		"http.request.header.api_key": {"http", "request", "header", "api", "key"},
		"API_KEY":                     {"api", "key"},
		"ÄndereÜberall":               {"ändere", "überall"},
		"日記":                          {"日記"},
		"\xff\xfeGet":                 {"get"},
	} {
		if got := activity.Words(name); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
