package rule

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// An assignment sets a field or a member of activity.data.
type assignment[K any] struct {
	name       string // as in the rule
	field      record.Field
	member     string
	text       string
	constant   any    // the value, if expression is nil
	attribute  string // the attribute that expression names, if it is so simple
	expression *ottl.ValueExpression[K]
}

// expressionMarks distinguish OTTL from text: an index, the arguments of a function,
// or a literal in quotes.
const expressionMarks = `[("`

// contextPath matches a value that is a path of OTTL, by its first word.
var contextPath = regexp.MustCompile(`^(?:attributes|body|(?:resource|scope|instrumentation_scope|span|log|attributes|body)\.\S+)$`)

// assign reads the value that a rule sets a field to.
func (p *parser[K]) assign(name string, value any) (assignment[K], error) {
	a := assignment[K]{name: name}
	var err error
	if a.field, a.member, err = record.ParseField(name); err != nil {
		return a, err
	}
	switch v := value.(type) {
	case string:
		a.text = strings.TrimSpace(v)
	case int, int64, uint64, float64, bool:
		a.text = fmt.Sprint(v)
	default:
		return a, fmt.Errorf("must be text, a number or OTTL, got %T", value)
	}
	switch {
	case a.text == "", a.text == "nil":
		return a, errors.New("is empty; leave it out")
	case strings.ContainsAny(a.text, expressionMarks), contextPath.MatchString(a.text):
		if a.expression, err = p.parseExpression(a.text); err != nil {
			return a, fmt.Errorf("%w%s", err, cmp.Or(proseHint(a.text), hint(a.text, err)))
		}
		a.attribute = attributeOf(a.text)
		return a, nil
	}
	if a.constant = value; a.member == "" {
		err = a.checkText()
		a.constant = a.text
	}
	return a, err
}

// isFor reports whether b has the same target.
func (a assignment[K]) isFor(b assignment[K]) bool { return a.field == b.field && a.member == b.member }

// checkText checks a constant value and gives it its usual spelling.
func (a *assignment[K]) checkText() error {
	switch a.field {
	case record.FieldActionType:
		t, _ := activity.ParseActionType(a.text)
		a.text = string(t)
	case record.FieldStatus:
		s, ok := activity.ParseStatus(a.text)
		if !ok {
			return fmt.Errorf("must be %s or %s, got %q", activity.StatusSuccess, activity.StatusFailed, a.text)
		}
		a.text = string(s)
	}
	return nil
}
