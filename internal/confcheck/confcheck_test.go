package confcheck

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"
)

type level string

func (l level) Validate() error { return OneOf(l, "low", "high") }

type config struct {
	Timeout Duration            `mapstructure:"timeout"`
	TTL     PositiveDuration    `mapstructure:"ttl"`
	Wait    *time.Duration      `mapstructure:"wait"`
	Age     *age                `mapstructure:"age"`
	Rows    PositiveCount       `mapstructure:"rows"`
	Spare   Count               `mapstructure:"spare"`
	Plain   int                 `mapstructure:"plain"`
	Share   float64             `mapstructure:"share"`
	On      bool                `mapstructure:"on"`
	Level   level               `mapstructure:"level"`
	Name    Name                `mapstructure:"name"`
	DSN     configopaque.String `mapstructure:"dsn"`
	Keys    Texts               `mapstructure:"keys"`
	Words   map[string]string   `mapstructure:"words"`
	Part    part                `mapstructure:"part"`
	Parts   []part              `mapstructure:"parts"`
	Pointer *part               `mapstructure:"pointer"`

	problems Problems
}

// age is a duration with an example of its own.
type age int64

func (*age) UnmarshalText([]byte) error { return nil }

func (age) Example() string { return "400d" }

func (c *config) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = Decode(conf, c, map[string]string{"old": `use "on"`})
	return err
}

func (c *config) Validate() error { return c.problems.Err() }

type part struct {
	Size Count `mapstructure:"size"`

	problems Problems
}

func (p *part) Unmarshal(conf *confmap.Conf) (err error) {
	p.problems, err = Decode(conf, p, nil)
	return err
}

func (p *part) Validate() error { return p.problems.Err() }

func defaults() *config {
	return &config{Timeout: Duration(time.Second), TTL: 1, Rows: 1, Level: "low", Name: "n"}
}

type values = map[string]any

func TestDecodeReportsEachMistakeWithItsPath(t *testing.T) {
	for name, tt := range map[string]struct {
		given values
		want  string // lines in alphabetical order
	}{
		"nothing":      {values{}, ""},
		"all is right": {values{"timeout": "30s", "ttl": "1m", "rows": 5, "on": true, "keys": "a,b", "part": values{"size": 0}, "parts": []any{values{"size": 1}}}, ""},
		"0 and nothing": {values{"timeout": 0, "wait": nil, "part": nil, "pointer": nil},
			""},
		"no unit":            {values{"timeout": 30}, `timeout: must have a unit, such as "30s"; got 30`},
		"no unit, fraction":  {values{"ttl": 1.5}, `ttl: must have a unit, such as "30s"; got 1.5`},
		"no unit, no check":  {values{"wait": 7}, `wait must have a unit, such as "30s"; got 7`},
		"no unit, days":      {values{"age": 400}, `age must have a unit, such as "400d"; got 400`},
		"a list of days":     {values{"age": []any{400}}, `age must be a duration, such as "400d"; got a list`},
		"not a duration":     {values{"timeout": "soon"}, `timeout: must be a duration, such as "30s"; got "soon"`},
		"a list":             {values{"timeout": []any{1}}, `timeout: must be a duration, such as "30s"; got a list`},
		"negative":           {values{"timeout": "-1s"}, `timeout: must be 0 or more; got -1s`},
		"zero":               {values{"ttl": "0s"}, `ttl: must be more than 0, such as "30s"; got 0s`},
		"a size with a unit": {values{"rows": "1GiB"}, `rows: must be a whole number; got "1GiB"`},
		"a fraction":         {values{"rows": 1.5}, `rows: must be a whole number; got 1.5`},
		"no rows":            {values{"rows": 0}, `rows: must be at least 1; got 0`},
		"not a number":       {values{"plain": "many", "share": "half"}, `plain must be a whole number; got "many"; also share must be a number; got "half"`},
		"not a bool":         {values{"on": "yes"}, `on must be true or false; got "yes"`},
		"not one of":         {values{"level": "Low"}, `level: must be one of "low", "high"; got "Low"`},
		"blank":              {values{"name": " "}, `name: must not be empty`},
		"not text":           {values{"name": values{}}, `name must be text; got a map`},
		"a secret":           {values{"dsn": 12345}, `dsn must be text`},
		"a map for a list":   {values{"keys": values{"a": "b"}}, `keys must be a list; got a map`},
		"not a text in list": {values{"keys": []any{"a", 5}}, `keys has entry 1, which must be text; got 5`},
		"empty in a list":    {values{"keys": []any{"a", ""}}, `keys: must be a list of texts that are not empty; entry 1 is empty`},
		"a list for a map":   {values{"words": []any{"a"}}, `words must be a map; got a list`},
		"a list in a map":    {values{"words": values{"a": []any{}}}, `words has "a", which must be text; got a list`},
		"text for a struct":  {values{"part": "x"}, `part must be a map; got "x"`},
		"text in structs":    {values{"parts": []any{values{}, "x"}}, `parts has entry 1, which must be a map; got "x"`},
		"one unknown":        {values{"timeuot": "1s"}, `unknown field "timeuot"; did you mean "timeout"?`},
		"other marks":        {values{"time_out": "1s"}, `unknown field "time_out"; did you mean "timeout"?`},
		"one that is like none": {values{"part": values{"colour": 1}},
			`part: unknown field "colour"; must be one of "size"`},
		"two unknown":       {values{"part": values{"sise": 1, "colour": 2}}, `part: unknown fields: "colour", "sise" (did you mean "size"?); must be one of "size"`},
		"an earlier key":    {values{"old": 1}, `unknown field "old"; use "on"`},
		"an empty key":      {values{"pointer": values{"": 1, "size": 2}}, `pointer: unknown field ""; must be one of "size"`},
		"an unexported one": {values{"pointer": values{"problems": 1}}, `pointer: unknown field "problems"; must be one of "size"`},
		"several at once": {values{"timeout": 30, "rows": -1, "x": 1, "on": 1, "level": "", "parts": []any{values{"size": -1}, values{"sizes": 1, "size": "s"}}},
			"level: must be one of \"low\", \"high\"; got \"\"\n" +
				"parts::0::size: must be at least 0; got -1\n" +
				"parts::1: unknown field \"sizes\"; did you mean \"size\"?\n" +
				"parts::1::size: must be a whole number; got \"s\"\n" +
				"rows: must be at least 1; got -1\n" +
				"timeout: must have a unit, such as \"30s\"; got 30\n" +
				`unknown field "x"; must be one of "age", "dsn", "keys", "level", "name", "on", "part", "parts", "plain", "pointer", "rows", "share", "spare", "timeout", "ttl", "wait", "words"; also on must be true or false; got 1`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := defaults()
			if err := confmap.NewFromStringMap(tt.given).Unmarshal(cfg); err != nil {
				t.Fatal(err)
			}
			if got := sorted(confmap.Validate(cfg)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestDecodeKeepsDefaults also decodes the correct keys next to a mistake.
func TestDecodeKeepsDefaults(t *testing.T) {
	cfg := defaults()
	given := values{"on": "yes", "rows": 7, "keys": []any{"a"}, "level": "high", "pointer": values{"size": 3, "x": 1}}
	if err := confmap.NewFromStringMap(given).Unmarshal(cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.Timeout != Duration(time.Second) || cfg.Rows != 7 || !slices.Equal(cfg.Keys, Texts{"a"}) || cfg.Level != "high" || cfg.Pointer.Size != 3 {
		t.Errorf("got %+v", cfg)
	}
}

func sorted(err error) string {
	if err == nil {
		return ""
	}
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestNear(t *testing.T) {
	fields := []string{"action.type", "actor.id", "actor.name", "object.id", "client.address", "sample_reads"}
	for text, want := range map[string]string{
		"actor_id": "actor.id", "ActorID": "actor.id", "objectid": "object.id", "acotr.id": "actor.id",
		"client.addres": "client.address", "colour": "", "sample_read": "sample_reads", "": "",
	} {
		if got := Near(text, fields); got != want {
			t.Errorf("Near(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestBounds(t *testing.T) {
	for want, err := range map[string]error{
		"must be from 1 to 3; got 4":            Between(4, 1, 3),
		"must be from 0s to 5s; got 1m0s":       DurationBetween(time.Minute, 0, 5*time.Second),
		"must be at least 1s; got 1ms":          DurationAtLeast(time.Millisecond, time.Second),
		`must be one of "a", "b"; got "c"`:      OneOf("c", "a", "b"),
		"a line of two; also another":           Line(nil, Line(errors.New("a line\n\tof two")), errors.New("another")),
		`must have a unit, such as "1s"; got x`: AtLeast(Count(keep(`must have a unit, such as "1s"; got x`)), 0),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for _, err := range []error{Between(1, 1, 3), Between(3, 1, 3), DurationAtLeast(time.Second, time.Second), Line(nil, nil)} {
		if err != nil {
			t.Error(err)
		}
	}
}
