package rule

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Conditions is a list of OTTL conditions.
type Conditions []Condition

// UnmarshalText implements [encoding.TextUnmarshaler], for one condition without a list.
func (c *Conditions) UnmarshalText(text []byte) error {
	*c = Conditions{Condition(text)}
	return nil
}

// Condition is an OTTL condition about a span or a log record.
type Condition string

// Validate implements [confmap.Validator].
func (c Condition) Validate() error {
	return expression{text: string(c), condition: true}.check()
}

// Fields has the values of fields, by their names.
type Fields map[Name]Value

// Validate implements [confmap.Validator]. It checks what depends on name and value.
func (f Fields) Validate() error {
	var errs []error
	first := map[string]Name{}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		field, member, err := record.ParseField(string(name))
		if err != nil {
			continue // reported by Name
		}
		target := fmt.Sprint(field, member)
		if other, known := first[target]; known {
			errs = append(errs, fmt.Errorf("must have each field once; %q and %q are the same field", string(other), string(name)))
		}
		first[target] = name
		if text, ok := f[name].value.(string); ok && member == "" && !isExpression(text) {
			a := assignment[any]{field: field, text: strings.TrimSpace(text)}
			if a.text == none && field != record.FieldActionType && field != record.FieldStatus {
				continue
			}
			if err := a.checkText(); err != nil {
				errs = append(errs, fmt.Errorf("%s %w", name, err))
			}
		}
	}
	return confcheck.Line(errs...)
}

// Name is the name of a field without "activity.", or data.<name>.
type Name string

// Validate implements [confmap.Validator].
func (n Name) Validate() error {
	_, _, err := record.ParseField(string(n))
	return err
}

// Value is a text, a number, true or false, or an OTTL expression.
type Value struct{ value any }

// Of returns a value.
func Of(value any) Value { return Value{value} }

// UnmarshalScalar implements [confmap.ScalarUnmarshaler].
func (v *Value) UnmarshalScalar(value confmap.ScalarValue) error {
	v.value = value.GetRaw()
	return nil
}

// Unmarshal implements [confmap.Unmarshaler]. Maps are for Validate to refuse.
func (v *Value) Unmarshal(conf *confmap.Conf) error {
	v.value = conf.ToStringMap()
	return nil
}

// MarshalScalar implements [confmap.ScalarMarshaler].
func (v Value) MarshalScalar(value confmap.ScalarValue) error { return value.Marshal(v.value) }

// Validate implements [confmap.Validator].
func (v Value) Validate() error {
	text, err := v.text()
	if err != nil || !isExpression(text) {
		return err
	}
	return expression{text: text}.check()
}

// text returns the value as text.
func (v Value) text() (string, error) {
	var text string
	switch value := v.value.(type) {
	case string:
		text = strings.TrimSpace(value)
	case int, int64, uint64, float64, bool:
		text = fmt.Sprint(value)
	case map[string]any:
		return "", errors.New("must be text, a number, true, false or OTTL; got a map")
	case []any:
		return "", errors.New("must be text, a number, true, false or OTTL; got a list")
	}
	if text == "" || text == "nil" {
		return "", errors.New("must not be empty; leave the field out")
	}
	return text, nil
}

// expressionMarks distinguish OTTL from text: an index, the arguments of a function,
// or a literal in quotes.
const expressionMarks = `[("`

// contextPath matches a value that is a path of OTTL, by its first word.
var contextPath = regexp.MustCompile(`^(?:attributes|body|(?:resource|scope|instrumentation_scope|span|log|attributes|body)\.\S+)$`)

// isExpression reports whether a value is OTTL.
func isExpression(text string) bool {
	if paramOf(strings.TrimSpace(text)) != "" {
		return false
	}
	return strings.ContainsAny(text, expressionMarks) || contextPath.MatchString(strings.TrimSpace(text))
}

// expression is OTTL in a configuration.
type expression struct {
	text      string
	condition bool
}

// expressions returns the OTTL of a rule.
func (cfg *Config) expressions() (list []expression) {
	for _, condition := range cfg.Match {
		list = append(list, expression{string(condition), true})
	}
	for _, fields := range []Fields{cfg.Set, cfg.OnFailed} {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if text, err := fields[name].text(); err == nil && isExpression(text) {
				list = append(list, expression{text, false})
			}
		}
	}
	return list
}

// check returns an error if an expression is for no kind of record.
func (e expression) check() error {
	span, log := e.errors()
	switch {
	case span == nil || log == nil:
		return nil
	case spanInLog.MatchString(span.Error()) && !spanInLog.MatchString(log.Error()):
		return log // it names log records
	}
	return span
}

// errors returns the errors of an expression about a span, and about a log record.
func (e expression) errors() (span, log error) {
	spans, logs, err := parsers()
	if err != nil {
		return err, err
	}
	return parse(spans, e), parse(logs, e)
}

func parse[K any](p *parser[K], e expression) (err error) {
	if e.condition {
		if _, err = p.parseCondition(e.text); err != nil {
			return confcheck.Line(fmt.Errorf("%w%s", err, hint(e.text, err)))
		}
		return nil
	}
	if _, err = p.parseExpression(e.text); err != nil {
		return confcheck.Line(fmt.Errorf("%w%s", err, cmp.Or(proseHint(e.text), hint(e.text, err))))
	}
	return nil
}

type bothParsers struct {
	spans *parser[*ottlspan.TransformContext]
	logs  *parser[*ottllog.TransformContext]
}

var newParsers = sync.OnceValues(func() (bothParsers, error) {
	spans, logs, err := newBothParsers(component.TelemetrySettings{Logger: zap.NewNop()})
	return bothParsers{spans, logs}, err
})

// parsers returns parsers that are used to check a configuration.
func parsers() (*parser[*ottlspan.TransformContext], *parser[*ottllog.TransformContext], error) {
	both, err := newParsers()
	return both.spans, both.logs, err
}
