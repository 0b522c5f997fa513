package export

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

func sameQuery(a, b map[string]string) bool { return maps.Equal(a, b) }

// difference says in what an export differs from the one of a state.
func difference(s State, o Options, query map[string]string) string {
	var all []string
	was, is := reflect.ValueOf(s.Options), reflect.ValueOf(o)
	for i := range was.NumField() {
		if a, b := fmt.Sprint(was.Field(i)), fmt.Sprint(is.Field(i)); a != b {
			all = append(all, fmt.Sprintf("%s was %q and is %q", strings.ToLower(was.Type().Field(i).Name), a, b))
		}
	}
	names := slices.Sorted(maps.Keys(query))
	for name := range s.Query {
		if _, ok := query[name]; !ok {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if a, b := s.Query[name], query[name]; a != b {
			all = append(all, fmt.Sprintf("--%s was %q and is %q", name, a, b))
		}
	}
	return strings.Join(all, ", ")
}
