package activityprocessor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/sender"
)

// Explainer says, for people, what a processor makes of spans and log records, and why. All
// texts are as they leave the processor, after privacy. It is not safe for concurrent use.
type Explainer struct {
	p     *activityProcessor
	watch *watch
	after consumer.Logs
}

// Explanation is what became of one span or log record.
type Explanation struct {
	Kind    string // "SERVER span", "log record"
	Request bool   // it is a SERVER span
	Name    string // of the span; of a log record its event name
	Service string // service.name

	// The HTTP request, as far as the record has it. Code is 0 if there is none.
	Method, Route, Path string
	Code                int

	TraceID, SpanID string

	Rule   string // the name of the rule that matched, "" if none did
	Reason string // why there is no row, as in the metric; "" if there is one
	Why    string // the reason in words

	// Columns are those of the row that are not empty, in the order of the table. They
	// are nil if there is no row.
	Columns []ExplainedColumn
}

// ExplainedColumn is a value of a row. A member of the column data has a line of its own.
type ExplainedColumn struct {
	Name  string // "actor_id", "data.parent"
	Value string
	From  string // where the value came from, "attribute user.id"
}

// NewExplainer returns an explainer for the processor of a configuration, which must be
// valid. It loads the lookups. One that cannot be used is a notice, not an error. Who may
// send is not checked, and it does not wait for log records that declare activities.
func NewExplainer(ctx context.Context, cfg *Config, set component.TelemetrySettings) (*Explainer, error) {
	own := *cfg
	own.DropOthers = false // so that the records stay in their places
	own.Senders = sender.DefaultConfig()
	own.Coverage.Wait = 0
	own.Lookups = patient(cfg.Lookups)
	p, err := newActivityProcessor(&own, set)
	if err != nil {
		return nil, err
	}
	e := &Explainer{p: p, watch: &watch{}}
	next, err := consumer.NewLogs(func(context.Context, plog.Logs) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("create the end of the pipeline: %w", err)
	}
	e.after = &declaredLogs{next, p}
	p.watch = e.watch
	p.lookups.Watch(e.watch)
	if err := p.start(ctx, nil); err != nil {
		return nil, err
	}
	return e, nil
}

// patient returns lookups that wait for their first answers, which a running Collector has
// in memory.
func patient(lookups lookup.Configs) lookup.Configs {
	lookups = slices.Clone(lookups)
	for i := range lookups {
		if lookups[i].SQL != nil {
			sql := *lookups[i].SQL
			sql.Timeout = max(sql.Timeout, confcheck.Duration(sql.QueryTimeout))
			lookups[i].SQL = &sql
		}
	}
	return lookups
}

// Shutdown ends the lookups.
func (e *Explainer) Shutdown(ctx context.Context) error { return e.p.shutdown(ctx) }

// Rules returns the names of the rules, in their order.
func (e *Explainer) Rules() []string { return e.p.rules }

// Notices returns what went wrong since the last call, for people.
func (e *Explainer) Notices() []string {
	notices := e.watch.notices
	e.watch.notices = nil
	return notices
}

// begin forgets the records of the request before.
func (e *Explainer) begin() { e.watch.records, e.watch.next = nil, 0 }

// Traces processes the spans of one request, and explains each of them, in their order. An
// error means that the Collector would refuse the request.
func (e *Explainer) Traces(ctx context.Context, td ptrace.Traces) ([]Explanation, error) {
	e.begin()
	e.p.split(td) // now, because each record must have its place
	for _, span := range allSpans(td) {
		e.watch.add(span.TraceID(), span.Attributes())
	}
	err := e.p.remembering(ctx, func(ctx context.Context) error {
		_, err := e.p.processTraces(ctx, td)
		return err
	})
	if err != nil {
		return nil, err
	}
	e.watch.cleaned()
	var all []Explanation
	for resource, span := range allSpans(td) {
		one := e.explain(len(all), resource)
		one.Kind, one.Request = strings.ToUpper(kindOf(span).String())+" span", span.Kind() == ptrace.SpanKindServer
		one.Name, one.TraceID, one.SpanID = span.Name(), span.TraceID().String(), span.SpanID().String()
		e.row(&one, len(all), "")
		all = append(all, one)
	}
	for i := range all {
		if from := e.watch.records[i].from; from >= 0 {
			all[i].fromSpan(all[from].Name)
		}
	}
	return all, nil
}

// Logs is [Explainer.Traces] for log records.
func (e *Explainer) Logs(ctx context.Context, ld plog.Logs) ([]Explanation, error) {
	e.begin()
	for _, line := range allLines(ld) {
		e.watch.add(line.TraceID(), line.Attributes())
	}
	if _, err := e.p.processLogs(ctx, ld); err != nil {
		return nil, err
	}
	e.watch.cleaned()
	var all []Explanation
	for resource, line := range allLines(ld) {
		one := e.explain(len(all), resource)
		one.Kind, one.Name = "log record", line.EventName()
		one.TraceID, one.SpanID = line.TraceID().String(), line.SpanID().String()
		e.row(&one, len(all), line.Body().AsString())
		all = append(all, one)
	}
	return all, e.after.ConsumeLogs(ctx, ld)
}

// explain begins the explanation of a record: what came in, and what was decided.
func (e *Explainer) explain(i int, resource pcommon.Resource) Explanation {
	one := &e.watch.records[i]
	came, left := record.FactsOf(one.came), record.FactsOf(one.attrs)
	x := Explanation{
		Service: record.ServiceOf(resource), Rule: one.notes.Rule,
		// Route and path may have secrets, so they are shown only as they leave the processor.
		Method: left.Request.Method, Route: left.Request.Template(), Path: left.Request.Path, Code: came.Request.Code,
	}
	if _, known := activity.ActionTypeFromMethod(came.Request.Method); known {
		x.Method = came.Request.Method // which level metadata removes
	}
	if one.why != isActivity {
		x.Reason, x.Why = one.why.String(), reasons[one.why].meaning
	}
	return x
}

// fromSpan says which span the user of a record was joined from.
func (x *Explanation) fromSpan(name string) {
	for i := range x.Columns {
		x.Columns[i].From = strings.ReplaceAll(x.Columns[i].From, "join", fmt.Sprintf("join from span %q", name))
	}
}

// timeFormat is that of the column action_time.
const timeFormat = "2006-01-02T15:04:05.000000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeFormat) }
