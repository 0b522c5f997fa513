package rule

import (
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component"
)

// parser parses OTTL for one kind of record. K is OTTL's context of it. Paths may begin
// with the name of their context, but need not.
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

func newBothParsers(set component.TelemetrySettings) (*parser[*ottlspan.TransformContext], *parser[*ottllog.TransformContext], error) {
	spans, err := newSpanParser(set)
	if err != nil {
		return nil, nil, fmt.Errorf("create an OTTL parser for spans: %w", err)
	}
	logs, err := newLogParser(set)
	if err != nil {
		return nil, nil, fmt.Errorf("create an OTTL parser for log records: %w", err)
	}
	return spans, logs, nil
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

func (p *parser[K]) parseCondition(text string) (*ottl.Condition[K], error) {
	parsed, err := p.collection.ParseConditionsWithContext(p.context, ottl.NewConditionsGetter([]string{text}), true)
	if err != nil {
		return nil, err
	}
	return parsed.([]*ottl.Condition[K])[0], nil
}

func (p *parser[K]) parseExpression(text string) (*ottl.ValueExpression[K], error) {
	parsed, err := p.collection.ParseValueExpressionsWithContext(p.context, ottl.NewValueExpressionsGetter([]string{text}), true)
	if err != nil {
		return nil, err
	}
	return parsed.([]*ottl.ValueExpression[K])[0], nil
}
