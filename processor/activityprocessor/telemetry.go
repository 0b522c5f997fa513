package activityprocessor

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/limit"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
)

// telemetry is what the processor says of itself. Its attributes have few values:
// the action types that all know and "other", and the names of rules.
type telemetry struct {
	activities metric.Int64Counter
	drops      metric.Int64Counter
	errors     metric.Int64Counter
	lookups    metric.Int64Counter
	reloads    metric.Int64Counter
	joined     metric.Int64Counter
	doubted    metric.Int64Counter
	cuts       metric.Int64Counter
	refusals   metric.Int64Counter

	options [actionKinds][2][2]metric.MeasurementOption
}

// actionKinds are the known action types and one for all others.
const actionKinds = 8

// otherAction stands for action types that are words of a service's own.
const otherAction = "other"

func newTelemetry(meter metric.Meter) (*telemetry, error) {
	var t telemetry
	var errs [9]error
	t.activities, errs[0] = meter.Int64Counter("otelcol_processor_activity_activities",
		metric.WithDescription("Activities that left the processor."), metric.WithUnit("{activity}"))
	t.drops, errs[1] = meter.Int64Counter("otelcol_processor_activity_dropped",
		metric.WithDescription("Activities that a rule kept nothing of, by level none or as a read that is not in the sample."),
		metric.WithUnit("{activity}"))
	t.errors, errs[2] = meter.Int64Counter("otelcol_processor_activity_rule_errors",
		metric.WithDescription("Expressions of a rule that failed on a record."), metric.WithUnit("{error}"))
	t.lookups, errs[3] = meter.Int64Counter("otelcol_processor_activity_lookups",
		metric.WithDescription("Records that were looked up, by result."), metric.WithUnit("{record}"))
	t.reloads, errs[4] = meter.Int64Counter("otelcol_processor_activity_lookup_reloads",
		metric.WithDescription("Reads of a lookup file that had changed; with outcome error the old table stays in use."), metric.WithUnit("{reload}"))
	t.joined, errs[5] = meter.Int64Counter("otelcol_processor_activity_users_joined",
		metric.WithDescription("Spans and log records that were given the user of an ancestor."), metric.WithUnit("{record}"))
	t.doubted, errs[6] = meter.Int64Counter("otelcol_processor_activity_times_doubted",
		metric.WithDescription("Activities whose time is not the one that their telemetry claims, because that is before 1970 or more than a day ahead."),
		metric.WithUnit("{activity}"))
	t.cuts, errs[7] = meter.Int64Counter("otelcol_processor_activity_values_dropped",
		metric.WithDescription("Attributes and members of values that were dropped because a record had too many."), metric.WithUnit("{value}"))
	t.refusals, errs[8] = meter.Int64Counter("otelcol_processor_activity_requests_refused",
		metric.WithDescription("Requests of a sender that is not known, or that may not write what it sent."), metric.WithUnit("{request}"))
	for kind := range t.options {
		for i, s := range statuses {
			for j, source := range sources {
				t.options[kind][i][j] = metric.WithAttributeSet(attribute.NewSet(
					attribute.String("action", actionKind(kind)),
					attribute.String("status", string(s)),
					attribute.String("source", string(source)),
				))
			}
		}
	}
	return &t, errors.Join(errs[:]...)
}

var (
	statuses = [2]activity.Status{activity.StatusSuccess, activity.StatusFailed}
	sources  = [2]activity.Source{activity.SourceDeclared, activity.SourceDerived}
)

func actionKind(i int) string {
	if i < len(knownActions) {
		return string(knownActions[i])
	}
	return otherAction
}

// tally counts the activities of one request.
type tally [actionKinds][2][2]int64

func (t *tally) add(action, status, source string) {
	kind := actionKinds - 1
	for i, known := range knownActions {
		if action == string(known) {
			kind = i
		}
	}
	t[kind][index(status == string(activity.StatusFailed))][index(source == string(activity.SourceDerived))]++
}

var knownActions = activity.ActionTypes()

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

func (t *telemetry) count(ctx context.Context, counts *tally) {
	for kind := range counts {
		for i := range counts[kind] {
			for j, n := range counts[kind][i] {
				if n > 0 {
					t.activities.Add(ctx, n, t.options[kind][i][j])
				}
			}
		}
	}
}

// Dropped implements [rule.Observer].
func (t *telemetry) Dropped(ctx context.Context, rule string) {
	t.drops.Add(ctx, 1, metric.WithAttributes(attribute.String("rule", rule)))
}

// Failed implements [rule.Observer].
func (t *telemetry) Failed(ctx context.Context, rule string) {
	t.errors.Add(ctx, 1, metric.WithAttributes(attribute.String("rule", rule)))
}

// Looked implements [lookup.Observer].
func (t *telemetry) Looked(name string, result lookup.Result, n int64) {
	t.lookups.Add(context.Background(), n, metric.WithAttributes(
		attribute.String("lookup", name), attribute.String("result", string(result))))
}

// Reloaded implements [lookup.Observer].
func (t *telemetry) Reloaded(name string, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	t.reloads.Add(context.Background(), 1, metric.WithAttributes(
		attribute.String("lookup", name), attribute.String("outcome", outcome)))
}

func (t *telemetry) doubt(ctx context.Context, n int64) {
	if n > 0 {
		t.doubted.Add(ctx, n)
	}
}

func (t *telemetry) join(ctx context.Context, signal string, n int) {
	if n > 0 {
		t.joined.Add(ctx, int64(n), metric.WithAttributes(attribute.String("signal", signal)))
	}
}

func (t *telemetry) cut(ctx context.Context, dropped limit.Dropped) {
	if dropped == (limit.Dropped{}) {
		return
	}
	for what, n := range map[string]int{"attribute": dropped.Attributes, "member": dropped.Members} {
		if n > 0 {
			t.cuts.Add(ctx, int64(n), metric.WithAttributes(attribute.String("what", what)))
		}
	}
}

func (t *telemetry) refused(ctx context.Context) { t.refusals.Add(ctx, 1) }
