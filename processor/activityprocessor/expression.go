package activityprocessor

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component"

	"github.com/otelactivity/activitylog/activity"
)

// parser reads OTTL about one kind of record. K is OTTL's context of it. Paths may
// have their context's name in front, and need not.
type parser[K any] struct {
	context    string
	collection *ottl.ParserCollection[any]
}

func newSpanParser(set component.TelemetrySettings) (*parser[*ottlspan.TransformContext], error) {
	p, err := ottlspan.NewParser(ottlfuncs.StandardConverters[*ottlspan.TransformContext](), set, ottlspan.EnablePathContextNames())
	if err != nil {
		return nil, err
	}
	return newParser(ottlspan.ContextName, &p, set)
}

func newLogParser(set component.TelemetrySettings) (*parser[*ottllog.TransformContext], error) {
	p, err := ottllog.NewParser(ottlfuncs.StandardConverters[*ottllog.TransformContext](), set, ottllog.EnablePathContextNames())
	if err != nil {
		return nil, err
	}
	return newParser(ottllog.ContextName, &p, set)
}

func newParser[K any](context string, p *ottl.Parser[K], set component.TelemetrySettings) (*parser[K], error) {
	collection, err := ottl.NewParserCollection(set, ottl.WithParserCollectionContext(context, p,
		ottl.WithConditionConverter(func(_ *ottl.ParserCollection[any], _ ottl.ConditionsGetter, parsed []*ottl.Condition[K]) (any, error) {
			return parsed, nil
		}),
		ottl.WithValueExpressionConverter(func(_ *ottl.ParserCollection[any], _ ottl.ValueExpressionsGetter, parsed []*ottl.ValueExpression[K]) (any, error) {
			return parsed, nil
		}),
	))
	return &parser[K]{context: context, collection: collection}, err
}

func (p *parser[K]) condition(text string) (*ottl.Condition[K], error) {
	parsed, err := p.collection.ParseConditionsWithContext(p.context, ottl.NewConditionsGetter([]string{text}), true)
	if err != nil {
		return nil, err
	}
	return parsed.([]*ottl.Condition[K])[0], nil
}

func (p *parser[K]) expression(text string) (*ottl.ValueExpression[K], error) {
	parsed, err := p.collection.ParseValueExpressionsWithContext(p.context, ottl.NewValueExpressionsGetter([]string{text}), true)
	if err != nil {
		return nil, err
	}
	return parsed.([]*ottl.ValueExpression[K])[0], nil
}

// An assignment gives a field, or a member of the data, its value: expression,
// or text if that is nil.
type assignment[K any] struct {
	name       string // as in the rule
	field      field
	member     string
	text       string
	constant   any    // the value, if expression is nil
	attribute  string // the same as expression, if it is one
	expression *ottl.ValueExpression[K]
}

// expressionMarks are what a value has that is OTTL: an index, a function's
// arguments, or a literal in quotes.
const expressionMarks = `[("`

// contextPath finds a value that is a path of OTTL, by its first word.
var contextPath = regexp.MustCompile(`^(?:attributes|body|(?:resource|scope|instrumentation_scope|span|log|attributes|body)\.\S+)$`)

// dottedAttribute finds what other configurations write for attributes["a.b"].
var dottedAttribute = regexp.MustCompile(`\b((?:resource\.|scope\.|span\.|log\.)?attributes)\.([A-Za-z_][\w.]*)`)

// assign reads what the field of that name is to have.
func (p *parser[K]) assign(name string, value any) (assignment[K], error) {
	a := assignment[K]{name: name}
	var err error
	if a.field, a.member, err = parseField(name); err != nil {
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
		if a.expression, err = p.expression(a.text); err != nil {
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

// checkText checks a value that is the same for all records, and puts it in its
// usual spelling.
func (a *assignment[K]) checkText() error {
	switch a.field {
	case actionType:
		t, _ := activity.ParseActionType(a.text)
		a.text = string(t)
	case status:
		s, ok := activity.ParseStatus(a.text)
		if !ok {
			return fmt.Errorf("must be %s or %s, got %q", activity.StatusSuccess, activity.StatusFailed, a.text)
		}
		a.text = string(s)
	}
	return nil
}

// hint returns what may be meant by an expression that is not OTTL, as the end of
// an error, or "".
func hint(text string, err error) string {
	bare := quotedText.ReplaceAllString(text, `""`)
	switch {
	case dottedAttribute.MatchString(bare):
		dotted := dottedAttribute.FindStringSubmatch(bare)
		return fmt.Sprintf("; hint: OTTL has brackets for attributes: %s[%q]", dotted[1], dotted[2])
	case strings.Contains(bare, "'"):
		return `; hint: OTTL has double quotes for text: "…"`
	case singleEqual.MatchString(bare):
		return "; hint: OTTL compares with =="
	case andSymbol.MatchString(bare):
		return "; hint: OTTL has and, or, not"
	case strings.Contains(bare, "span.") && strings.Contains(bare, "log."):
		return "; hint: a rule is for spans or for log records; make two of it"
	case spanInLog.MatchString(err.Error()):
		return "; hint: see the rule's context"
	case smallFunction.MatchString(bare):
		return functionHint(smallFunction.FindStringSubmatch(bare)[1])
	}
	if name := unknownFunction.FindStringSubmatch(err.Error()); name != nil {
		return functionHint(name[1])
	}
	if unknownPath.MatchString(err.Error()) {
		return `; hint: an attribute is attributes["name"], one of the resource resource.attributes["name"]`
	}
	return ""
}

// proseHint is the hint about a value that is meant as text for people.
func proseHint(text string) string {
	if prose.MatchString(text) {
		return `; hint: text with brackets, parentheses or quotation marks in it is to be quoted as a whole, with \" inside`
	}
	return ""
}

var (
	quotedText      = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	singleEqual     = regexp.MustCompile(`[^=!<>]=(?:[^=]|$)`)
	andSymbol       = regexp.MustCompile(`&&|\|\|`)
	unknownFunction = regexp.MustCompile(`undefined function "(\w+)"`)
	spanInLog       = regexp.MustCompile(`segment "(?:span|log)" from path "(?:span|log)\.(?:span|log)\.`)
	smallFunction   = regexp.MustCompile(`\b([a-z]\w*)\(`)
	prose           = regexp.MustCompile(`^[\pL\pN][\pL\pN'’=:,.-]*\s+["\pL\pN(]`)
	unknownPath     = regexp.MustCompile(`not a valid path`)
)

// functionHint names the function whose name is the same but for its case.
func functionHint(name string) string {
	for known := range ottlfuncs.StandardConverters[any]() {
		if strings.EqualFold(known, name) {
			return "; hint: the function is " + known
		}
	}
	return "; hint: the functions are those converters of pkg/ottl, such as IsMatch, Concat, ToLowerCase"
}
