package instrument

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

type color string

type article struct {
	Title string    `json:"title"`
	Tags  []string  `json:"tags"`
	At    time.Time `json:"at"`
	note  string
}

type panicking struct{}

func (panicking) String() string { panic("no text") }

type badJSON struct{}

func (badJSON) MarshalJSON() ([]byte, error) { return nil, errors.New("no JSON") }

type requestError struct {
	Text string
	Of   any
}

func (e requestError) Error() string { return e.Text }

type tagged struct {
	A string
	B string `activity:"mask"`
}

func (t tagged) String() string { return t.A + t.B }

type node struct{ Next *node }

func TestDataAttribute(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	ring := &node{}
	ring.Next = ring
	for _, tt := range []struct {
		name  string
		value any
		want  string // of the attribute {"k": value}
	}{
		{"nil", nil, `{"k":null}`},
		{"bool", true, `{"k":true}`},
		{"int", -7, `{"k":-7}`},
		{"int8", int8(7), `{"k":7}`},
		{"uint64", uint64(7), `{"k":7}`},
		{"too large", uint64(math.MaxUint64), `{"k":"18446744073709551615"}`},
		{"float", 1.5, `{"k":1.5}`},
		{"float32", float32(1.5), `{"k":1.5}`},
		{"NaN", math.NaN(), `{"k":"NaN"}`},
		{"infinite", math.Inf(-1), `{"k":"-Inf"}`},
		{"string", "a", `{"k":"a"}`},
		{"not UTF-8", "a\xff", `{"k":"a` + "\uFFFD" + `"}`},
		{"bytes", []byte("hi"), `{"k":"aGk="}`},
		{"time", at, `{"k":"2026-01-02T03:04:05.0000006Z"}`},
		{"duration", time.Second, `{"k":"1s"}`},
		{"stringer", netip.MustParseAddr("192.0.2.1"), `{"k":"192.0.2.1"}`},
		{"error", errors.New("no"), `{"k":"no"}`},
		{"number", json.Number("3"), `{"k":3}`},
		{"list", []any{1, "a", nil}, `{"k":[1,"a",null]}`},
		{"ints", []int{1, 2}, `{"k":[1,2]}`},
		{"map, in order", map[string]any{"b": 1, "a": []any{true}}, `{"k":{"a":[true],"b":1}}`},
		{"other map", map[color]int{"red": 1}, `{"k":{"red":1}}`},
		{"named", color("red"), `{"k":"red"}`},
		{"struct", article{Title: "x", At: at, note: "n"}, `{"k":{"at":"2026-01-02T03:04:05.0000006Z","tags":null,"title":"x"}}`},
		{"nil pointer", (*article)(nil), `{"k":null}`},
		{"nil error", (*fragile)(nil), `{"k":null}`},
		{"nil time", (*time.Time)(nil), `{"k":null}`},
		{"pointer to a time", &at, `{"k":"2026-01-02T03:04:05.0000006Z"}`},
		{"nil URL", (*url.URL)(nil), `{"k":null}`},
		{"URL", url.URL{Host: "a", Path: "/b"}, `{"k":"//a/b"}`},
		{"pointer to a URL", &url.URL{Host: "a", Path: "/b"}, `{"k":"//a/b"}`},
		{"big.Int", *big.NewInt(7), `{"k":"7"}`},
		{"pointer to a big.Int", big.NewInt(7), `{"k":"7"}`},
		{"nil big.Int", (*big.Int)(nil), `{"k":null}`},
		{"nil list with a text", net.IP(nil), `{"k":null}`},
		{"pointer to a duration", new(time.Second), `{"k":"1s"}`},
		{"pointer to a number", new(json.Number("3")), `{"k":3}`},
		{"pointer to an int", new(3), `{"k":3}`},
		{"pointer to bytes", &[]byte{'h', 'i'}, `{"k":"aGk="}`},
		{"times in a struct", struct{ A, B *time.Time }{nil, &at}, `{"k":{"A":null,"B":"2026-01-02T03:04:05.0000006Z"}}`},
		{"duration in a struct", struct{ D time.Duration }{time.Second}, `{"k":{"D":"1s"}}`},
		{"error with a request", requestError{"no", httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)}, `{"k":"no"}`},
		{"error with a secret", requestError{"no", &struct {
			S string `activity:"mask"`
		}{"x"}}, `{"k":"****"}`},
		{"Stringer with a secret", tagged{"a", "b"}, `{"k":{"A":"a","B":"****"}}`},
		{"panicking in a struct", struct{ P *panicking }{&panicking{}}, `{"k":{"P":"(instrument.panicking cannot be recorded: it panics)"}}`},
		{"panicking", panicking{}, `{"k":"(instrument.panicking cannot be recorded: it panics)"}`},
		{"bad JSON", badJSON{}, `{"k":"(instrument.badJSON cannot be recorded: it has no JSON form)"}`},
		{"function", func() {}, `{"k":"(func() cannot be recorded: it has no JSON form)"}`},
		{"ring", ring, `{"k":{"Next":"(contains itself)"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := plainMap(map[string]any{"k": tt.value})
			if got := mapValue(data); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// fragile is an error whose methods do not bear a nil receiver.
type fragile struct{ text string }

func (n *fragile) Error() string { return n.text }

func mapValue(data map[string]any) string { return plainValue(data).String() }

// Values that contain themselves end, however often they do.
func TestDataEnds(t *testing.T) {
	m := map[string]any{}
	l := []any{m, m, m}
	m["a"], m["b"], m["c"] = m, l, m
	l[0] = l
	var deep any = "end"
	for range 100 {
		deep = []any{deep}
	}
	got := mapValue(plainMap(map[string]any{"m": m, "l": l, "wide": make([]any, 1_000_000), "deep": deep}))
	for _, says := range []string{"(contains itself)", "(995905 more)", "(too large to be recorded)"} {
		if len(got) > 2_000_000 || !strings.Contains(got, says) {
			t.Errorf("%d bytes without %s", len(got), says)
		}
	}
}

// What a handler does with a value after it set it does not matter.
func TestDataIsACopy(t *testing.T) {
	list := []any{"a"}
	bytes := []byte("a")
	inner := map[string]any{"list": list, "bytes": bytes}
	copied := plainMap(map[string]any{"k": inner})
	list[0], bytes[0] = "b", 'b'
	delete(inner, "list")
	if got := mapValue(copied); got != `{"k":{"bytes":"YQ==","list":["a"]}}` {
		t.Error(got)
	}
}
