// Package rowtest makes telemetry of rows, for benchmarks of the exporter.
package rowtest

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Logs returns log records that become these rows.
func Logs(rows []row.Row) plog.Logs {
	ld := plog.NewLogs()
	resource := ld.ResourceLogs().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "blog")
	records := resource.ScopeLogs().AppendEmpty().LogRecords()
	for i := range rows {
		record, text := records.AppendEmpty(), &rows[i].Text
		record.SetTimestamp(pcommon.NewTimestampFromTime(rows[i].ID.Time()))
		record.Body().SetStr(text[row.Remarks])
		record.SetTraceID(pcommon.TraceID(rows[i].ID))
		attributes := record.Attributes()
		attributes.PutStr(activity.IDKey, rows[i].ID.String())
		for _, a := range []struct {
			key    string
			column int
		}{
			{activity.ActorIDKey, row.ActorID}, {activity.ActorTypeKey, row.ActorType}, {activity.ActorNameKey, row.ActorName},
			{activity.TenantIDKey, row.TenantID}, {activity.ActionTypeKey, row.ActionType}, {activity.ActionNameKey, row.ActionName},
			{activity.StatusKey, row.Status}, {activity.ObjectTypeKey, row.ObjectType}, {activity.ObjectIDKey, row.ObjectID},
			{activity.ClientAddressKey, row.ClientAddress}, {activity.UserAgentKey, row.UserAgent}, {activity.SourceKey, row.Source},
		} {
			attributes.PutStr(a.key, text[a.column])
		}
		changes := attributes.PutEmptyMap(activity.DataKey).PutEmptyMap("changes").PutEmptySlice("title")
		changes.AppendEmpty().SetStr("An old title")
		changes.AppendEmpty().SetStr("A new title")
	}
	return ld
}
