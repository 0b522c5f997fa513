package activityprocessor

import (
	"context"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/nested"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
)

// acts returns the function that says what a span does that one around it may do as well,
// as far as the rules have presets for both. It is nil without such presets.
func (p *activityProcessor) acts() func(ptrace.Span) nested.Act {
	if !p.operations && !p.statements {
		return nil
	}
	return func(span ptrace.Span) (act nested.Act) {
		if p.operations {
			act.Operation = preset.IsOperation(span)
		}
		if p.statements {
			act.Statement = preset.StatementOf(span)
		}
		return act
	}
}

// outcomeOf returns what the spans around one must know of what became of it.
func outcomeOf(why reason) nested.Outcome {
	switch why {
	case isActivity:
		return nested.Row
	case noAction, levelNone, sampled, declaredElsewhere, excluded:
		return nested.LeftOut
	}
	return nested.NoRow
}

// nestedNotes are the notes of one request to the collector, from processTraces to what
// comes after the next component.
type nestedNotes struct{ notes nested.Notes }

// notesKey is that of *nestedNotes in a context.
type notesKey struct{}

// keepNotes leaves what later batches must know of the spans of this one to
// [rememberedTraces].
func keepNotes(ctx context.Context, found *nested.Spans) {
	if kept, ok := ctx.Value(notesKey{}).(*nestedNotes); ok && found != nil {
		kept.notes = found.Notes()
	}
}

// remembering calls process, and then remembers what it found for later batches, unless
// that failed.
func (p *activityProcessor) remembering(ctx context.Context, process func(context.Context) error) error {
	var kept nestedNotes
	if err := process(context.WithValue(ctx, notesKey{}, &kept)); err != nil {
		return err
	}
	p.nested.Remember(kept.notes)
	return nil
}

// rememberedTraces is a traces processor that notes for later batches what the next
// component has accepted.
type rememberedTraces struct {
	processor.Traces
	p *activityProcessor
}

// ConsumeTraces implements [consumer.Traces].
func (r *rememberedTraces) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	return r.p.remembering(ctx, func(ctx context.Context) error { return r.Traces.ConsumeTraces(ctx, td) })
}
