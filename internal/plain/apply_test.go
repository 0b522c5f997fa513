package plain

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// step is one part of a path.
type step struct {
	name  string // of a member, or of the field that is an id
	key   string
	index int
	kind  byte // '.', '[' for an index, '='
}

// parse reads a path.
func parse(t *testing.T, path string) (steps []step) {
	t.Helper()
	if path == wholeValue {
		return nil
	}
	for path != "" {
		if path[0] != '[' {
			path = strings.TrimPrefix(path, ".")
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			steps, path = append(steps, step{kind: '.', name: path[:end]}), path[end:]
			continue
		}
		path = path[1:]
		var s step
		switch end := strings.IndexAny(path, `="]`); path[end] {
		case '"':
			s.kind = '.'
			s.name, path = quoted(t, path)
		case '=':
			s.kind, s.name, path = '=', path[:end], path[end+1:]
			if path[0] == '"' {
				s.key, path = quoted(t, path)
			} else {
				s.key, path, _ = strings.Cut(path, "]")
				path = "]" + path
			}
		default:
			n, err := strconv.Atoi(path[:end])
			if err != nil {
				t.Fatalf("%q: %v", path, err)
			}
			s.kind, s.index, path = '[', n, path[end:]
		}
		path = path[1:]
		steps = append(steps, s)
	}
	return steps
}

func quoted(t *testing.T, path string) (text, rest string) {
	t.Helper()
	prefix, err := strconv.QuotedPrefix(path)
	if err != nil {
		t.Fatalf("%q: %v", path, err)
	}
	text, err = strconv.Unquote(prefix)
	if err != nil {
		t.Fatal(err)
	}
	return text, path[len(prefix):]
}

// apply sets what is at a path of a plain value.
func apply(t *testing.T, tree any, path string, value any) any {
	t.Helper()
	return set(tree, parse(t, path), value)
}

func set(tree any, steps []step, value any) any {
	if len(steps) == 0 {
		return value
	}
	s := steps[0]
	switch s.kind {
	case '.':
		m, ok := tree.(map[string]any)
		if !ok {
			m = map[string]any{}
		}
		m[s.name] = set(m[s.name], steps[1:], value)
		return m
	case '[':
		list, _ := tree.([]any)
		for len(list) <= s.index {
			list = append(list, nil)
		}
		list[s.index] = set(list[s.index], steps[1:], value)
		return list
	}
	list, _ := tree.([]any)
	at := slices.IndexFunc(list, func(e any) bool {
		m, _ := e.(map[string]any)
		text, _ := scalarText(m[s.name])
		return text == s.key
	})
	if at < 0 {
		at, list = len(list), append(list, nil)
	}
	list[at] = set(list[at], steps[1:], value)
	return list
}

// normal returns a plain value as it is compared: nothing is not told from an empty list
// or map, or from a member that is missing; and elements with ids are in their order.
func normal(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, member := range v {
			if n := normal(member); n != nil {
				m[key] = n
			}
		}
		if len(m) > 0 {
			return m
		}
		return nil
	case []any:
		var list []any
		ids := len(v) > 0
		for _, element := range v {
			n := normal(element)
			m, _ := n.(map[string]any)
			ids = ids && (n == nil || m["id"] != nil)
			list = append(list, n)
		}
		if ids {
			list = slices.DeleteFunc(list, func(e any) bool { return e == nil })
			slices.SortStableFunc(list, func(a, b any) int { return cmp.Compare(textOfAny(a), textOfAny(b)) })
		}
		for len(list) > 0 && list[len(list)-1] == nil {
			list = list[:len(list)-1]
		}
		if len(list) > 0 {
			return list
		}
		return nil
	case []byte:
		return string(v)
	case int64:
		return float64(v)
	}
	return tree
}

func textOfAny(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
