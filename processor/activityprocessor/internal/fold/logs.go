package fold

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Logs folds the refusals in log records. It works like [Traces].
type Logs struct{ *folder[plog.Logs] }

// NewLogs returns a Logs that sends its rows to send, which may be called until Shutdown
// returns.
func NewLogs(cfg Config, logger *zap.Logger, send func(context.Context, plog.Logs) error) *Logs {
	return &Logs{newFolder(durationOf(cfg), logger, carrier[plog.Logs]{
		send: send,
		copy: func(ld plog.Logs) plog.Logs {
			copied := plog.NewLogs()
			ld.CopyTo(copied)
			return copied
		},
		merge: func(to, from plog.Logs) { from.ResourceLogs().MoveAndAppendTo(to.ResourceLogs()) },
	})}
}

func durationOf(cfg Config) time.Duration { return time.Duration(cfg.Window) }

// Fold does what Fold of [Traces] does.
func (f *Logs) Fold(ld plog.Logs, remove func(attrs pcommon.Map) bool) (counted int) {
	ld.ResourceLogs().RemoveIf(func(rl plog.ResourceLogs) bool {
		service, removed := record.ServiceOf(rl.Resource()), false
		rl.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool {
			before := sl.LogRecords().Len()
			sl.LogRecords().RemoveIf(func(line plog.LogRecord) bool {
				r, ok := read(line.Attributes(), service)
				if !ok {
					return false
				}
				folded, isNew := f.fold(&r, partOf(rl, line), func() *row[plog.Logs] { return rowOfLine(rl, sl, line) })
				if isNew {
					counted++
				}
				return folded && remove(line.Attributes())
			})
			removed = removed || sl.LogRecords().Len() < before
			return sl.LogRecords().Len() == 0 && before > 0
		})
		return removed && rl.ScopeLogs().Len() == 0
	})
	return counted
}

// rowOfLine returns a row with a copy of the log record.
func rowOfLine(rl plog.ResourceLogs, sl plog.ScopeLogs, line plog.LogRecord) *row[plog.Logs] {
	ld := plog.NewLogs()
	newRL := ld.ResourceLogs().AppendEmpty()
	rl.Resource().CopyTo(newRL.Resource())
	newRL.SetSchemaUrl(rl.SchemaUrl())
	newSL := newRL.ScopeLogs().AppendEmpty()
	sl.Scope().CopyTo(newSL.Scope())
	newSL.SetSchemaUrl(sl.SchemaUrl())
	copied := newSL.LogRecords().AppendEmpty()
	line.CopyTo(copied)
	return &row[plog.Logs]{batch: ld, part: partOf(newRL, copied)}
}

func partOf(rl plog.ResourceLogs, line plog.LogRecord) part {
	body := line.Body()
	p := part{resource: rl.Resource().Attributes(), attrs: line.Attributes()}
	if body.Type() != pcommon.ValueTypeEmpty {
		p.body = &body
	}
	return p
}
