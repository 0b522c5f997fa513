package rule

import (
	"errors"
	"regexp"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
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
	param      string // the parameter of the route that it names
	blank      bool   // the field is left empty
	expression *ottl.ValueExpression[K]
}

// assign reads the value that a rule sets a field to.
func (p *parser[K]) assign(name string, value Value) (assignment[K], error) {
	a := assignment[K]{name: name}
	var err error
	if a.field, a.member, err = record.ParseField(name); err != nil {
		return a, err
	}
	if a.text, err = value.text(); err != nil {
		return a, err
	}
	if a.text == none && a.member == "" {
		a.blank = true
		return a, nil
	}
	if a.param = paramOf(a.text); a.param != "" {
		return a, nil
	}
	if isExpression(a.text) {
		a.attribute = attributeOf(a.text)
		a.expression, err = p.parseExpression(a.text)
		return a, err
	}
	if a.constant = value.value; a.member == "" {
		err = a.checkText()
		a.constant = a.text
	}
	return a, err
}

// none is the value that leaves a field empty.
const none = "none"

var routeParam = regexp.MustCompile(`^route\["([^"\\]+)"\]$`)

// paramOf returns the parameter that a value names, route["id"], or "".
func paramOf(text string) string {
	if found := routeParam.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// checkText checks a constant value and gives it its usual spelling.
func (a *assignment[K]) checkText() error {
	switch a.field {
	case record.FieldActionType:
		if a.text == none {
			return errors.New("cannot be none; level: none keeps an activity out")
		}
		t, _ := activity.ParseActionType(a.text)
		a.text = string(t)
	case record.FieldStatus:
		s, ok := activity.ParseStatus(a.text)
		if !ok {
			return confcheck.OneOf(a.text, string(activity.StatusSuccess), string(activity.StatusFailed))
		}
		a.text = string(s)
	}
	return nil
}
