package rule

import (
	"fmt"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// quickValues are attributes of all kinds.
var quickValues = map[string]any{
	"text": "a", "blank": "", "spaces": " a ", "digits": "17", "number": 17, "zero": 0, "negative": -17, "double": 17.0,
	"yes": true, "list": []any{"a", 17}, "map": map[string]any{"a": "b"}, "bytes": []byte("a"), "nothing": nil,
}

// A comparison must say what OTTL says, or nothing.
func TestComparisonIsAsOTTL(t *testing.T) {
	parser, err := newSpanParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	rs := ptrace.NewTraces().ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	span := ss.Spans().AppendEmpty()
	require.NoError(t, span.Attributes().FromRaw(quickValues))
	tctx := ottlspan.NewTransformContextPtr(rs, ss, span)
	defer tctx.Close()
	sure := 0
	for name := range quickValues {
		for _, attribute := range []string{name, "missing"} {
			for _, literal := range []string{`"a"`, `""`, `"17"`, `" a "`, "17", "0", "-17"} {
				for _, operator := range []string{"==", "!=", " == ", " !=\t"} {
					text := fmt.Sprintf(`span.attributes[%q]%s%s`, attribute, operator, literal)
					parsed, err := parser.parseCondition(text)
					require.NoError(t, err, text)
					want, err := parsed.Eval(t.Context(), tctx)
					require.NoError(t, err, text)
					c := comparisonOf(text)
					require.NotNil(t, c, text)
					if got, ok := c.holds(span.Attributes()); ok {
						assert.Equal(t, want, got, text)
						sure++
					}
				}
			}
		}
	}
	assert.NotZero(t, sure)
}

func TestOnlyComparisonsAreQuick(t *testing.T) {
	for _, text := range []string{
		`attributes["a"] == "b" and attributes["c"] == "d"`, `attributes["a"] == nil`, `attributes["a"] == 1.5`, `attributes["a"] > 1`,
		`attributes["a"]["b"] == "c"`, `resource.attributes["a"] == "b"`, `attributes["a"] == "\""`, `name == "b"`, `attributes["a"] == attributes["b"]`,
		`not attributes["a"] == "b"`, `attributes["a"] == true`, `attributes["a"] == 99999999999999999999`,
	} {
		assert.Nil(t, comparisonOf(text), text)
	}
}
