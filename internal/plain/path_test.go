package plain

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	for path, want := range map[string][]string{
		"":                               nil,
		"title":                          {"title"},
		"address.city":                   {"address", "city"},
		"tags[3]":                        {"tags"},
		"[0].a":                          {"a"},
		"items[id=7].price":              {"items", "price"},
		`items[id="a].b"].price`:         {"items", "price"},
		`labels["my key"]["a]\"b=c"].d`:  {"labels", "my key", `a]"b=c`, "d"},
		`["a=b"]`:                        {"a=b"},
		wholeValue:                       {wholeValue},
		"a[":                             {"a"},
		`a["`:                            {"a"},
		"a[id=":                          {"a"},
		`a[id="`:                         {"a"},
		"..a.":                           {"a"},
		"(sha256:9f86d081884c7d65).a[1]": {"(sha256:9f86d081884c7d65)", "a"},
	} {
		if got := slices.Collect(Names(path)); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
