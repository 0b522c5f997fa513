package activityprocessor

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/limit"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/lookup"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
)

// telemetry records the metrics of metadata.yaml. Their attributes have few values:
// the known action types and "other", and the names of rules and lookups.
type telemetry struct {
	*metadata.TelemetryBuilder

	options [actionKinds][2][2]metric.MeasurementOption
	reasons [numReasons]metric.MeasurementOption
}

// actionKinds are the known action types and one for all others.
const actionKinds = 9

// otherAction is counted for action types that are not known ones.
const otherAction = "other"

func newTelemetry(set component.TelemetrySettings) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, fmt.Errorf("create metrics: %w", err)
	}
	t := telemetry{TelemetryBuilder: builder}
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
	for r := range t.reasons {
		t.reasons[r] = metric.WithAttributeSet(attribute.NewSet(attribute.String("reason", reason(r).String())))
	}
	return &t, nil
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

// tally counts the activities of one request, and the other records by why they are not.
type tally struct {
	activities [actionKinds][2][2]int64
	skipped    [numReasons]int64
}

// note counts a record n times, and reports whether it is an activity.
func (t *tally) note(attrs pcommon.Map, n int64) bool {
	action, ok := attrs.Get(activity.ActionTypeKey)
	if !ok {
		return false
	}
	status, _ := attrs.Get(activity.StatusKey)
	source, _ := attrs.Get(activity.SourceKey)
	t.add(action.Str(), status.Str(), source.Str(), n)
	return true
}

// mayBeRefusals reports whether there are derived activities that failed, or that may have.
func (t *tally) mayBeRefusals() bool {
	for kind := range t.activities {
		if t.activities[kind][1][1] > 0 || actionKind(kind) == string(activity.ActionLoginAttempt) && t.activities[kind][0][1] > 0 {
			return true
		}
	}
	return false
}

func (t *tally) add(action, status, source string, n int64) {
	kind := actionKinds - 1
	for i, known := range knownActions {
		if action == string(known) {
			kind = i
			break
		}
	}
	t.activities[kind][index(status == string(activity.StatusFailed))][index(source == string(activity.SourceDerived))] += n
}

var knownActions = activity.ActionTypes()

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

func (t *telemetry) count(ctx context.Context, counts *tally) {
	for kind := range counts.activities {
		for i := range counts.activities[kind] {
			for j, n := range counts.activities[kind][i] {
				if n > 0 {
					t.ProcessorActivityActivities.Add(ctx, n, t.options[kind][i][j])
				}
			}
		}
	}
	for r, n := range counts.skipped {
		if n > 0 {
			t.ProcessorActivitySkipped.Add(ctx, n, t.reasons[r])
		}
	}
}

// Dropped implements [rule.Observer].
func (t *telemetry) Dropped(ctx context.Context, rule string) {
	t.ProcessorActivityDropped.Add(ctx, 1, metric.WithAttributes(attribute.String("rule", rule)))
}

// Failed implements [rule.Observer].
func (t *telemetry) Failed(ctx context.Context, rule string) {
	t.ProcessorActivityRuleErrors.Add(ctx, 1, metric.WithAttributes(attribute.String("rule", rule)))
}

// Looked implements [lookup.Observer].
func (t *telemetry) Looked(name string, result lookup.Result, n int64) {
	t.ProcessorActivityLookups.Add(context.Background(), n, metric.WithAttributes(
		attribute.String("lookup", name), attribute.String("result", string(result))))
}

// Reloaded implements [lookup.Observer].
func (t *telemetry) Reloaded(name string, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	t.ProcessorActivityLookupReloads.Add(context.Background(), 1, metric.WithAttributes(
		attribute.String("lookup", name), attribute.String("outcome", outcome)))
}

func (t *telemetry) folded(ctx context.Context, n int) {
	if n > 0 {
		t.ProcessorActivityFolded.Add(ctx, int64(n))
	}
}

func (t *telemetry) doubt(ctx context.Context, n int64) {
	if n > 0 {
		t.ProcessorActivityTimesDoubted.Add(ctx, n)
	}
}

func (t *telemetry) join(ctx context.Context, signal string, n int) {
	if n > 0 {
		t.ProcessorActivityUsersJoined.Add(ctx, int64(n), metric.WithAttributes(attribute.String("signal", signal)))
	}
}

func (t *telemetry) identify(ctx context.Context, found map[string]int64) {
	for rule, n := range found {
		t.ProcessorActivityUsersIdentified.Add(ctx, n, metric.WithAttributes(attribute.String("rule", rule)))
	}
}

func (t *telemetry) cut(ctx context.Context, dropped limit.Dropped) {
	if dropped == (limit.Dropped{}) {
		return
	}
	for what, n := range map[string]int{"attribute": dropped.Attributes, "member": dropped.Members} {
		if n > 0 {
			t.ProcessorActivityValuesDropped.Add(ctx, int64(n), metric.WithAttributes(attribute.String("what", what)))
		}
	}
}

func (t *telemetry) refused(ctx context.Context) { t.ProcessorActivityRequestsRefused.Add(ctx, 1) }
