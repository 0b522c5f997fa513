package activityprocessor

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/nested"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// layers returns the spans of td around others that stand for the same act, as far as the
// rules have presets for both. It is nil without such presets.
func (p *activityProcessor) layers(td ptrace.Traces) *nested.Layers {
	if !p.operations && !p.statements {
		return nil
	}
	return nested.FindLayers(td, func(span ptrace.Span) (act nested.Act) {
		if p.operations {
			act.Operation = preset.IsOperation(span)
		}
		if p.statements {
			act.Statement = preset.StatementOf(span)
		}
		return act
	})
}
