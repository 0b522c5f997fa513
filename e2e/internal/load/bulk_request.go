package load

import (
	"fmt"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"

	"github.com/otelactivity/activitylog/activity"
)

// BulkRequest is an OTLP request of the activities from..from+count-1, each with the id of [Moment],
// its number as object id, and one of ten tenants.
func BulkRequest(from, count int) *collectlogs.ExportLogsServiceRequest {
	scope := &logs.ScopeLogs{}
	for n := from; n < from+count; n++ {
		at, id := Moment(n)
		record := &logs.LogRecord{TimeUnixNano: uint64(at.UnixNano()), Body: protoText(fmt.Sprint("activity ", n))}
		for _, attribute := range [][2]string{
			{activity.IDKey, id}, {activity.ActionTypeKey, "Update"}, {activity.ActorIDKey, fmt.Sprint(n % 1000)},
			{activity.ActorNameKey, "alice@example.com"}, {activity.ObjectTypeKey, "article"}, {activity.ObjectIDKey, fmt.Sprint(n)},
			{activity.TenantIDKey, fmt.Sprint("tenant-", n%10)}, {activity.ClientAddressKey, "192.0.2.7"},
			{activity.UserAgentKey, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"},
		} {
			record.Attributes = append(record.Attributes, &common.KeyValue{Key: attribute[0], Value: protoText(attribute[1])})
		}
		scope.LogRecords = append(scope.LogRecords, record)
	}
	return &collectlogs.ExportLogsServiceRequest{
		ResourceLogs: []*logs.ResourceLogs{{ScopeLogs: []*logs.ScopeLogs{scope}}},
	}
}

func protoText(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}
