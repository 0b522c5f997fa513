package plain

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// No secret is in the output for 10,000 random structs, of all that can be recorded.
func TestNoSecretIsRecorded(t *testing.T) {
	told := 0
	types := typesOf(1, true)
	for seed := range uint64(10_000) {
		m := &maker{r: rand.New(rand.NewPCG(seed, 1)), secrets: true}
		typ := types[seed%uint64(len(types))]
		m.inner = types[:50]
		before, after := reflect.New(typ).Elem(), reflect.New(typ).Elem()
		m.fill(before, false, 1)
		m.fill(after, false, 1)
		b, a := before.Interface(), after.Interface()
		if isSecret(fmt.Sprintf("%+v %+v", b, a)) {
			told++
		}
		change, _ := Change(b, &a)
		for what, recorded := range map[string]any{
			"Of": Of(b), "Of a pointer": Of(after.Addr().Interface()), "Of a map": Of(map[string]any{"k": []any{b}}),
			"Change": change, "Diff": Diff(b, a), "Diff of lists": Diff([]any{b}, []any{a}), "created": Diff(nil, a), "deleted": Diff(b, nil),
			"Diff of two types": Diff(b, map[string]any{"F0": a, "f1": b}),
		} {
			text, err := json.Marshal(recorded)
			if err != nil {
				t.Fatalf("%d: %s: %v", seed, what, err)
			}
			if isSecret(string(text)) {
				t.Fatalf("%d: %s has a secret: %s\nof %v", seed, what, text, typ)
			}
		}
	}
	if told < 5000 {
		t.Errorf("%d of the values had secrets", told)
	}
}

// typesOf makes random structs. To make one takes longer than to compare its values.
func typesOf(seed uint64, secrets bool) []reflect.Type {
	m := &maker{r: rand.New(rand.NewPCG(seed, 0)), secrets: secrets}
	types := make([]reflect.Type, 300)
	for i := range types {
		types[i] = m.structOf(3)
	}
	return types
}

// What differs, applied to the value before, gives the value after.
func TestApply(t *testing.T) {
	changed, keyed := 0, 0
	types := typesOf(2, false)
	for seed := range uint64(4_000) {
		m := &maker{r: rand.New(rand.NewPCG(seed, 2))}
		typ := types[seed%uint64(len(types))]
		m.inner = types[:50]
		before, after := reflect.New(typ).Elem(), reflect.New(typ).Elem()
		m.fill(before, false, 1)
		m.fill(after, false, 1)
		checkApply(t, seed, before.Interface(), after.Interface())
		changes := Diff(before.Interface(), after.Interface())
		changed += len(changes)
		for path := range changes {
			if len(path) > 5 && path[len(path)-1] != ']' {
				keyed++
			}
		}
		if same := Diff(before.Interface(), before.Interface()); len(same) > 0 {
			t.Fatalf("%d: a value differs from itself: %v", seed, same)
		}
	}
	if changed < 8_000 || keyed < 1000 {
		t.Errorf("%d changes, %d of nested fields", changed, keyed)
	}
}

// checkApply checks the changes between two values, unless there are too many.
func checkApply(t *testing.T, seed, before, after any) {
	t.Helper()
	changes := Diff(before, after)
	for path, change := range changes {
		if path[0] == '(' && path != wholeValue || isCut(change[0]) || isCut(change[1]) {
			return
		}
	}
	got := wholeTree(before)
	for path, change := range changes {
		if Equal(change[0], change[1]) && change[0] != Masked {
			t.Fatalf("%v: %s did not change: %v", seed, path, change)
		}
		got = apply(t, got, path, change[1])
	}
	want := wholeTree(after)
	if g, w := normal(got), normal(want); !reflect.DeepEqual(g, w) {
		t.Fatalf("%v: got %v\nwant %v\nby %v\nof %v", seed, g, w, changes, wholeTree(before))
	}
}

// isCut reports whether a plain value says that more of it is missing.
func isCut(value any) bool {
	text := textOfAny(value)
	return strings.Contains(text, MoreKey) || strings.Contains(text, " more)") || strings.Contains(text, tooLarge)
}

func wholeTree(value any) any {
	c := copier{byFields: true, nodes: 1 << 20}
	return c.copy(reflect.ValueOf(value), maxDepth)
}

// A struct without methods has the form of encoding/json.
func TestFormOfJSON(t *testing.T) {
	for seed := range uint64(500) {
		m := &maker{r: rand.New(rand.NewPCG(seed, 3))}
		value := reflect.New(m.structOf(2)).Elem()
		m.fill(value, false, 0)
		got, err := json.Marshal(Of(value.Interface()))
		if err != nil {
			t.Fatal(err)
		}
		checkJSON(t, string(got), value)
	}
}

func checkJSON(t *testing.T, got string, value reflect.Value) {
	t.Helper()
	text, err := json.Marshal(value.Interface())
	if err != nil {
		t.Fatal(err)
	}
	var g, w any
	if json.Unmarshal([]byte(got), &g) != nil || json.Unmarshal(text, &w) != nil {
		t.Fatal(got)
	}
	if !Equal(g, w) && !hasText(value.Type()) {
		t.Fatalf("got %s, want %s of %v", got, text, value.Type())
	}
}

// hasText reports whether a type has values for which we have a text and JSON has none.
func hasText(t reflect.Type) bool {
	if t.Kind() == reflect.Interface || t.PkgPath() == "time" && t.Name() == "Duration" {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return hasText(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if t.PkgPath() != "time" && hasText(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// FuzzDiff compares any two JSON values.
func FuzzDiff(f *testing.F) {
	f.Add(`{"a":[1,{"b":null}]}`, `{"a":[1,{"b":"x","":2}],"c d":1.5}`)
	f.Add(`[]`, `null`)
	f.Add(`{"a":[0,{"B":null}]}`, `{"a":[0,{}]}`)
	f.Add(`{"a":{"":{}}}`, `7`)
	f.Fuzz(func(t *testing.T, before, after string) {
		var b, a any
		if json.Unmarshal([]byte(before), &b) != nil || json.Unmarshal([]byte(after), &a) != nil {
			return
		}
		for _, change := range Diff(b, a) {
			members, size := measure([]any{change[0], change[1]})
			if members > maxMembers || size > maxSize {
				t.Errorf("%d members, %d bytes", members, size)
			}
		}
		if len(before)+len(after) < maxName { // longer names are cut
			checkApply(t, 0, b, a)
		}
	})
}
