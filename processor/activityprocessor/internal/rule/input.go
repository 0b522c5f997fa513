package rule

import (
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Input holds a span or a log record while rules are applied to it. It is reused for all
// records of a scope. K is OTTL's context of the record, which is created only if a rule
// needs it. An Input is not safe for concurrent use.
type Input[K any] struct {
	preset.Subject
	Result record.Result
	Texts  *Arena
	// Unfinished collects the derived activities, to finish them after the lookups. If it
	// is nil, they are finished at once.
	Unfinished *Unfinished
	// Doubted counts the activities whose claimed time is not plausible, of all records
	// since the Input was created.
	Doubted int64
	// Named is set if the record is derived and has an actor who is not anonymous.
	Named bool
	// Notes gets where the values of the record came from, unless it is nil.
	Notes *Notes

	ottl   K
	isOpen bool
}

// Span is the input for spans.
type Span = Input[*ottlspan.TransformContext]

// Log is the input for log records.
type Log = Input[*ottllog.TransformContext]

// Reset begins another record of the same scope.
func (in *Input[K]) Reset(attrs pcommon.Map, service string) {
	in.Record.Reset(attrs, service)
	in.Result, in.Named = record.Result{}, false
	if in.Preset != nil {
		in.Forget()
	}
}

// Doubt counts an activity whose claimed time is not plausible.
func (in *Input[K]) Doubt(doubted bool) {
	if doubted {
		in.Doubted++
	}
}

// StampSpan gives the activity on a span its id.
func StampSpan(in *Span) {
	if in.CarriesID {
		in.Doubt(identity.StampSpan(in.Span))
		return
	}
	var room [36]byte
	id, claimed := identity.Span(in.Span)
	in.Attrs.PutStr(activity.IDKey, in.Texts.text(id.Append(room[:0])))
	if claimed != "" {
		in.Attrs.PutStr(activity.ClaimedTimeKey, claimed)
		in.Doubt(true)
	}
}
