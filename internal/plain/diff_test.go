package plain

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

type address struct {
	Street string `json:"street"`
	City   string `json:"city"`
}

func (a address) String() string { return a.Street + ", " + a.City }

type item struct {
	ID    int    `json:"id" activity:"id"`
	Price amount `json:"price"`
	Note  string `json:"note,omitempty"`
}

// amount is a decimal, as of shopspring/decimal.
type amount struct{ cents *big.Int }

func (a amount) String() string {
	return fmt.Sprintf("%d.%02d", a.cents.Int64()/100, a.cents.Int64()%100)
}
func (a amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

func money(cents int64) amount { return amount{big.NewInt(cents)} }

type order struct {
	Title    string            `json:"title"`
	Address  *address          `json:"address"`
	Tags     []string          `json:"tags"`
	Items    []*item           `json:"items"`
	Labels   map[string]string `json:"labels"`
	Paid     *time.Time        `json:"paid"`
	Total    *big.Int          `json:"total"`
	Password string            `json:"-" activity:"mask"`
	Email    string            `json:"email" activity:"hash"`
	Draft    []byte            `json:"draft"`
	Parent   *order            `json:"parent"`
	Link     url.URL           `json:"link"`
	Any      any               `json:"any"`
	Left     string            `json:"left" activity:"-"`
	Internal string            `json:"-"`
	seen     int
}

func TestDiff(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	abroad := noon.In(time.FixedZone("", 3600))
	one := order{seen: 1}
	one.Parent = &one
	two := order{Title: "x", seen: 2}
	two.Parent = &two
	for _, tt := range []struct {
		name          string
		before, after any
		want          string
	}{
		{"equal", order{Title: "a"}, order{Title: "a"}, `{}`},
		{"a field", order{Title: "a"}, order{Title: "b"}, `{"title":["a","b"]}`},
		{"pointers", &order{Title: "a"}, order{Title: "b"}, `{"title":["a","b"]}`},
		{"not exported", order{seen: 1}, order{seen: 2}, `{}`},
		{"left out", order{Left: "a", Internal: "a"}, order{Left: "b", Internal: "b"}, `{}`},
		{"masked", order{Password: "a"}, order{Password: "b"}, `{"Password":["****","****"]}`},
		{"a first secret", order{}, order{Password: "b"}, `{"Password":["","****"]}`},
		{"hashed", order{Email: "test"}, order{Email: "x"}, `{"email":["sha256:9f86d081884c7d65","sha256:2d711642b726b044"]}`},
		{"a nested field", order{Address: &address{City: "a"}}, order{Address: &address{City: "b"}}, `{"address.city":["a","b"]}`},
		{"a new struct", order{}, order{Address: &address{City: "b"}}, `{"address":[null,{"city":"b","street":""}]}`},
		{"elements", order{Tags: []string{"a", "b"}}, order{Tags: []string{"a", "c", "d"}}, `{"tags[1]":["b","c"],"tags[2]":[null,"d"]}`},
		{"no elements", order{}, order{Tags: []string{}}, `{}`},
		{"first elements", order{}, order{Tags: []string{"a"}}, `{"tags":[null,["a"]]}`},
		{"elements by id", order{Items: []*item{{1, money(100), ""}, {2, money(5), ""}}},
			order{Items: []*item{{3, money(0), "n"}, {2, money(105), ""}}},
			`{"items[id=1]":[{"id":1,"price":"1.00"},null],"items[id=2].price":["0.05","1.05"],"items[id=3]":[null,{"id":3,"note":"n","price":"0.00"}]}`},
		{"another order", []item{{1, money(1), ""}, {2, money(2), ""}}, []item{{2, money(2), ""}, {1, money(1), ""}}, `{}`},
		{"an id twice", []item{{1, money(1), ""}, {1, money(2), ""}}, []item{{1, money(1), ""}, {1, money(3), ""}}, `{"[1].price":["0.02","0.03"]}`},
		{"maps", order{Labels: map[string]string{"a": "1", "b c": "2"}}, order{Labels: map[string]string{"a": "1", "b c": "3", "d": "4"}},
			`{"labels.d":[null,"4"],"labels[\"b c\"]":["2","3"]}`},
		{"times in two zones", order{Paid: &noon}, order{Paid: &abroad}, `{}`},
		{"a first time", order{}, order{Paid: &noon}, `{"paid":[null,"2026-01-02T12:00:00Z"]}`},
		{"a large number", order{Total: big.NewInt(1)}, order{Total: new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil)}, `{"total":["1","100000000000000000000"]}`},
		{"bytes", order{Draft: []byte("a")}, order{Draft: []byte("b")}, `{"draft":["YQ==","Yg=="]}`},
		{"rings", &one, &two, `{"title":["","x"]}`},
		{"a URL", order{}, order{Link: url.URL{Host: "a"}}, `{"link":["","//a"]}`},
		{"numbers", map[string]any{"a": 1, "b": 1}, map[string]any{"a": 1.0, "b": 1.5}, `{"b":[1,1.5]}`},
		{"another type", order{Any: 1}, order{Any: "1"}, `{"any":[1,"1"]}`},
		{"created", nil, &address{"s", "c"}, `{"city":[null,"c"],"street":[null,"s"]}`},
		{"deleted", map[string]any{"a": 1}, nil, `{"a":[1,null]}`},
		{"no struct", 1, 2, `{"(value)":[1,2]}`},
		{"two types", address{"s", "c"}, map[string]any{"city": "d"}, `{"city":["c","d"],"street":["s",null]}`},
		{"a function", struct{ F func() }{}, struct{ F func() }{func() {}}, `{"F":[null,"(func() cannot be recorded: it has no JSON form)"]}`},
		{"embedded", struct{ address }{address{"a", "b"}}, struct{ address }{address{"a", "c"}}, `{"city":["b","c"]}`},
		{"columns that may be NULL", order{Any: sql.NullString{}}, order{Any: sql.NullString{String: "a", Valid: true}}, `{"any":[null,"a"]}`},
		{"other columns", []any{sql.Null[item]{V: item{Price: money(0)}, Valid: true}}, []any{&sql.NullTime{Time: noon, Valid: true}},
			`{"[0]":[{"id":0,"price":"0.00"},"2026-01-02T12:00:00Z"]}`},
		{"an error", order{}, order{Any: errors.New("no")}, `{"any":[null,"no"]}`},
		{"a wrapped secret", order{Any: fmt.Errorf("a: %w", login{"n", "p"})}, order{Any: fmt.Errorf("a: %w", login{"n", "q"})}, `{"any":["****","****"]}`},
		{"keys that are no words", map[string]int{"": 1, `a"b`: 1}, map[string]int{`a"b`: 2}, `{"[\"\"]":[1,null],"[\"a\\\"b\"]":[1,2]}`},
		{"keys with a text", map[address]int{{}: 1}, map[address]int{{}: 2}, `{"[\", \"]":[1,2]}`},
		{"keys of one text", order{Any: map[any]string{1: "a", "1": "b"}}, order{Any: map[any]string{1: "a", "1": "b"}}, `{"(not compared)":[null,"any"]}`},
		{"keys that are structs", order{Any: map[struct{ A int }]int{{1}: 1}}, order{Any: map[struct{ A int }]int{{1}: 2}}, `{"(not compared)":[null,"any"]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := textOfAny(Diff(tt.before, tt.after)); got != jsonOf(t, tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func jsonOf(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return textOfAny(v)
}

// What is cut says so.
func TestBounds(t *testing.T) {
	long := strings.Repeat("a", maxText+1)
	deep := func(end string) any {
		var v any = end
		for range maxDepth + 1 {
			v = map[string]any{"a": v}
		}
		return v
	}
	many := func(n int) map[string]any {
		m := map[string]any{}
		for i := range n {
			m[fmt.Sprint(i)] = i
		}
		return m
	}
	for _, tt := range []struct {
		name          string
		before, after any
		field         string
		want          any
	}{
		{"text", "x", long, wholeValue, long[1:] + "… (cut: 4097 bytes, " + digest(long) + ")"},
		{"text within a letter", "x", long[1:] + "ä", wholeValue, long[1:] + "… (cut: 4098 bytes, " + digest(long[1:]+"ä") + ")"},
		{"bytes", "x", []byte(long), wholeValue, "(4097 bytes, " + digest(long) + ")"},
		{"changes", nil, many(1000), "(more changes)", int64(1000 - maxChanges)},
		{"a map", "x", many(1000), wholeValue, nil},
		{"depth", deep("x"), deep("y"), "(not compared)", "a" + strings.Repeat(".a", maxDepth-2)},
		{"depth of one", "x", deep("y"), wholeValue, nil},
		{"compared", make([]int, maxCompared+1), make([]int, maxCompared), "(not compared)", fmt.Sprintf("[%d]", maxCompared-1)},
		{"a map that is too large", many(maxCompared + 1), many(maxCompared), "(not compared)", wholeValue},
		{"a name", map[string]int{}, map[string]int{long: 1}, `["` + long[:maxName/2] + `… ` + digest(long) + `"]`, int64(1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changes := Diff(tt.before, tt.after)
			change, ok := changes[tt.field]
			if !ok {
				t.Fatalf("%s is not in %.1000s", tt.field, textOfAny(changes))
			}
			if tt.want == nil {
				if !isCut(change[1]) {
					t.Errorf("nothing says that %v was cut", change[1])
				}
			} else if change[1] != tt.want {
				t.Errorf("got %v, want %v", change[1], tt.want)
			}
		})
	}
}

// A path keeps the last names, and two long ones are not the same.
func TestLongPath(t *testing.T) {
	tree := func(last string) any {
		var v any = last
		for range 10 {
			v = map[string]any{strings.Repeat("n", 60): v}
		}
		return map[string]any{"a": v, "b": v}
	}
	changes := Diff(tree("x"), tree("y"))
	if len(changes) != 2 {
		t.Errorf("got %v", changes)
	}
	for path := range changes {
		if len(path) > 200 || !strings.HasSuffix(path, "."+strings.Repeat("n", 60)) {
			t.Errorf("path %q", path)
		}
	}
}

// 100,000 changes take little memory, and are all counted.
func TestManyChanges(t *testing.T) {
	type row struct {
		ID   int `activity:"id"`
		Name string
	}
	const n = 100_000
	numbers, rows := make([]int, n), make([]row, n)
	mapped := make(map[int]string, n)
	for i := range n {
		numbers[i], rows[i], mapped[i] = i+1, row{i + 1, "b"}, "b"
	}
	oldRows, oldMap := make([]row, n), make(map[int]string, n)
	for i := range n {
		oldRows[i], oldMap[i] = row{i + 1, "a"}, "a"
	}
	for _, tt := range []struct {
		name          string
		before, after any
		bytes         uint64 // that may be allocated
		notCompared   bool
	}{
		{"list", make([]int, n), numbers, 4 << 20, false},
		{"rows by id", oldRows, rows, 48 << 20, true},
		{"map", oldMap, mapped, 32 << 20, false},
		{"texts", make([]string, n), strings.Split(strings.Repeat("text,", n-1)+"text", ","), 8 << 20, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var start, end runtime.MemStats
			runtime.ReadMemStats(&start)
			changes := Diff(tt.before, tt.after)
			runtime.ReadMemStats(&end)
			allocated := end.TotalAlloc - start.TotalAlloc
			t.Logf("%d KiB in %d allocations", allocated>>10, end.Mallocs-start.Mallocs)
			if allocated > tt.bytes {
				t.Errorf("%d bytes, want at most %d", allocated, tt.bytes)
			}
			_, notCompared := changes["(not compared)"]
			more, _ := changes["(more changes)"][1].(int64)
			if notCompared != tt.notCompared || !notCompared && more != n-maxChanges {
				t.Errorf("%d more, not compared: %v", more, changes["(not compared)"])
			}
			if members, size := measure(textMap(changes)); members > 1000 || size > maxSize {
				t.Errorf("%d members, %d bytes", members, size)
			}
		})
	}
}

func textMap(changes map[string][2]any) map[string]any {
	m := map[string]any{}
	for path, change := range changes {
		m[path] = change[:]
	}
	return m
}

func BenchmarkDiff(b *testing.B) {
	before := order{Title: "a", Address: &address{"s", "c"}, Tags: []string{"a", "b"}, Items: []*item{{1, money(1), ""}, {2, money(2), ""}}}
	after := before
	after.Title, after.Tags = "b", []string{"a", "c"}
	b.ReportAllocs()
	for b.Loop() {
		Diff(before, after)
	}
}

func BenchmarkDiffOf100000(b *testing.B) {
	before, after := make([]int, 100_000), make([]int, 100_000)
	for i := range after {
		after[i] = i + 1
	}
	b.ReportAllocs()
	for b.Loop() {
		Diff(before, after)
	}
}

// The fields of embedded structs are those of encoding/json.
func TestFieldsOfJSON(t *testing.T) {
	type Inner struct {
		A, B string
		C    string `json:"c"`
	}
	type inner struct {
		A, D string
		E    *int      `json:"e,omitempty"`
		F    time.Time `json:"f,omitzero"`
	}
	type Twice struct{ Inner }
	type Ring struct {
		*Ring
		Name string
	}
	for _, value := range []any{
		struct {
			Inner
			A string
		}{Inner{"a", "b", "c"}, "outer"},
		struct {
			Inner
			inner
		}{Inner{"a", "b", "c"}, inner{"x", "d", nil, time.Time{}}},
		struct {
			*Inner
			X int `json:",omitempty"`
		}{},
		struct {
			Inner `json:"named"`
			C     string
		}{},
		struct {
			Twice
			*Inner
		}{Twice{Inner{"a", "b", "c"}}, &Inner{"x", "y", "z"}},
		struct {
			A    string `json:",omitempty"`
			None string `json:"-"`
		}{"a", "b"},
		Ring{Ring: &Ring{Name: "a"}, Name: "b"},
		struct{ error }{errors.New("a")}.error == nil,
		struct {
			M map[int]*bool
			N [3]uint32
			O json.RawMessage
			P []json.Number
			Q float32
		}{map[int]*bool{-1: nil}, [3]uint32{1, 2, 3}, json.RawMessage(`{"a":[1]}`), []json.Number{"3"}, 1.1},
	} {
		checkJSON(t, textOfAny(Of(value)), reflect.ValueOf(value))
	}
}

// Two keys of one text come in any order, so what they hold must not be taken for each
// other's: that would be a change that nobody made.
func TestKeysOfOneText(t *testing.T) {
	for range 100 {
		m, same := map[any]string{1: "a", "1": "b"}, map[any]string{1: "a", "1": "b"}
		if change, changed := Change(m, same); changed {
			t.Fatalf("equal maps have changed: %v", change)
		}
		if got, want := Of(m), "(map[interface {}]string cannot be recorded: it has no JSON form)"; got != want {
			t.Fatalf("got %v, want %s", got, want)
		}
	}
}
