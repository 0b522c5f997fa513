package rule

import (
	"slices"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// Set holds the rules of a processor.
type Set struct {
	spans []rule[*ottlspan.TransformContext]
	logs  []rule[*ottllog.TransformContext]

	// presets are those that the rules name, and tables those of db_client.
	presets []*preset.Preset
	tables  patterns

	names []string
}

// Names returns the names of the rules, in their order.
func (r *Set) Names() []string { return r.names }

// DerivesLogs reports whether a rule derives activities from log records.
func (r *Set) DerivesLogs() bool {
	return slices.ContainsFunc(r.logs, func(rule rule[*ottllog.TransformContext]) bool { return rule.derives })
}

// ConcernsInner reports whether a rule derives activities from records that may have no
// user themselves: spans within a request, and log records.
func (r *Set) ConcernsInner() bool {
	return r.DerivesLogs() || slices.ContainsFunc(r.spans, func(rule rule[*ottlspan.TransformContext]) bool {
		if rule.preset != nil {
			return rule.preset.Kind != ptrace.SpanKindServer
		}
		return rule.acts && (rule.kinds[ptrace.SpanKindInternal] || rule.kinds[ptrace.SpanKindClient] || rule.kinds[ptrace.SpanKindProducer])
	})
}

// Replace returns a set with the rules of others, and the presets and tables of r.
// Tests use it to change one rule without compiling the rest again.
func (r *Set) Replace(others []*Set) *Set {
	changed := &Set{presets: r.presets, tables: r.tables}
	for _, other := range others {
		changed.spans = append(changed.spans, other.spans...)
		changed.logs = append(changed.logs, other.logs...)
	}
	return changed
}

// NamesPreset reports whether a rule names the preset of that name.
func (r *Set) NamesPreset(name string) bool {
	return slices.ContainsFunc(r.presets, func(p *preset.Preset) bool { return p.Name == name })
}

// DerivesAll reports whether a rule derives activities from all spans that the preset of
// that name knows, in all tables or in some.
func (r *Set) DerivesAll(name string) bool {
	return slices.ContainsFunc(r.spans, func(rule rule[*ottlspan.TransformContext]) bool {
		return rule.preset != nil && rule.preset.Name == name && rule.level != LevelNone && rule.selector.empty() && rule.not.empty() &&
			rule.route == nil && len(rule.conditions) == 0
	})
}
