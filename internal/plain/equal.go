package plain

import (
	"bytes"
	"reflect"
)

// Change returns the plain forms of a value before and after, and whether they differ.
// Secrets that differ have changed, even if both are masked. Times in two zones that are
// the same one have not.
func Change(before, after any) (change [2]any, changed bool) {
	b, a := copier{nodes: maxNodes}, copier{nodes: maxNodes}
	vb, va := reflect.ValueOf(before), reflect.ValueOf(after)
	change = [2]any{b.copy(vb, maxDepth), a.copy(va, maxDepth)}
	changed = !Equal(change[0], change[1])
	if changed || b.secrets+a.secrets > 0 {
		changed = !Equal(secret{v: vb}.raw(), secret{v: va}.raw())
	}
	return change, changed
}

// Equal reports whether two plain values are the same to who reads them: numbers by their
// value, and nothing is as good as an empty list or map.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case []any:
		if b, ok := b.([]any); ok {
			return equalLists(a, b)
		}
		return len(a) == 0 && isNothing(b)
	case map[string]any:
		if b, ok := b.(map[string]any); ok {
			return equalMaps(a, b)
		}
		return len(a) == 0 && isNothing(b)
	case int64:
		if f, ok := b.(float64); ok {
			return isSame(a, f)
		}
	case float64:
		if i, ok := b.(int64); ok {
			return isSame(i, a)
		}
	case nil:
		return isNothing(b)
	}
	switch b.(type) {
	case []byte, []any, map[string]any:
		return false
	}
	return a == b
}

func isSame(i int64, f float64) bool {
	return float64(i) == f && f < 1<<63 && int64(f) == i
}

func isNothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func equalLists(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalMaps(a, b map[string]any) bool {
	for key, value := range a {
		if !Equal(value, b[key]) {
			return false
		}
	}
	for key, value := range b {
		if _, ok := a[key]; !ok && !isNothing(value) {
			return false
		}
	}
	return true
}
