package unit

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

type age time.Duration

func (*age) UnmarshalText([]byte) error { return nil }

type config struct {
	Timeout time.Duration `mapstructure:"timeout"`
	Age     age           `mapstructure:"age"`
	Count   int64         `mapstructure:"count"`
	Part    struct {
		Wait *time.Duration `mapstructure:"wait"`
	} `mapstructure:"part"`
	List []struct {
		TTL time.Duration `mapstructure:"ttl"`
	} `mapstructure:"list"`
	Maybe    maybe `mapstructure:"maybe"`
	squashed `mapstructure:",squash"`
}

// maybe is like a configoptional.Optional.
type maybe struct{ value *squashed }

func (m *maybe) Get() *squashed { return m.value }

type squashed struct {
	Inner time.Duration `mapstructure:"inner"`
}

func TestCheck(t *testing.T) {
	type values = map[string]any
	for want, given := range map[string]values{
		`timeout: must have a unit, such as "30s"; got 30`: {"timeout": 30},
		`timeout: must have a unit, such as "1.5s"`:        {"timeout": 1.5},
		`age: must have a unit`:                            {"age": uint64(400)},
		`part::wait: must`:                                 {"part": values{"wait": 1}},
		`list::1::ttl: must`:                               {"list": []any{values{"ttl": "1s"}, values{"ttl": 3}}},
		`maybe::inner: must`:                               {"maybe": values{"inner": 7}},
		`inner: must`:                                      {"inner": 1},
		"":                                                 {"timeout": "30s", "age": 0, "count": 3, "part": nil, "list": "x", "other": 3},
	} {
		err := Check(reflect.TypeFor[config](), given)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v: got %v, want %q", given, err, want)
		}
	}
}
