// Package load makes the activities that the benchmarks send, and sends them by
// OTLP/gRPC, ready-made, so that the sender costs little of the machine that it
// shares with what is measured.
package load

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
)

// Activity is one of them: about 450 bytes of text, like the rows that the
// exporter's own benchmarks write.
type Activity struct {
	ID     activity.ID // of [Time] and the number
	Object string      // the number, in decimal
	actor  string
	trace  [16]byte
	span   [8]byte
}

// epoch is when activity 0 took place; the next ones follow each microsecond.
var epoch = time.Now().Add(-time.Hour).Truncate(time.Second)

// New makes activity n. Its id and all else that tells it from others is a
// function of n.
func New(n int) Activity {
	at := epoch.Add(time.Duration(n) * time.Microsecond)
	a := Activity{
		ID:     activity.HashID(at, strconv.AppendInt(nil, int64(n), 10)),
		Object: strconv.Itoa(n),
		actor:  strconv.Itoa(rand.New(rand.NewPCG(uint64(n), 0)).IntN(10_000)),
	}
	copy(a.trace[:], a.ID[:])
	binary.BigEndian.PutUint64(a.span[:], uint64(n)+1)
	return a
}

const (
	service   = "blog"
	userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	before    = "An old title"
	after     = "A new title"
)

// Column is a column that an exporter writes, with the attribute of the records
// that holds it: "" if there is none.
type Column struct{ Name, Attribute string }

// Columns are the columns that an exporter writes, in the order of
// [Activity.Row].
func Columns() []Column {
	var columns []Column
	var sample Activity
	row := sample.Row()
	for _, c := range activity.Columns() {
		if c.Name == "recorded_at" { // the database's own
			continue
		}
		column := Column{Name: c.Name, Attribute: c.Key}
		if row[len(columns)] == nil {
			column.Attribute = ""
		}
		columns = append(columns, column)
	}
	return columns
}

// ColumnNames are the names of [Columns].
func ColumnNames() []string {
	var names []string
	for _, c := range Columns() {
		names = append(names, c.Name)
	}
	return names
}

func (a *Activity) name() string { return "user" + a.actor + "@example.com" }

func (a *Activity) remarks() string { return a.name() + " updated /api/articles/" + a.Object }

// Row is the row that an exporter makes of the activity, as pgx.CopyFrom takes
// it fastest.
func (a *Activity) Row() []any {
	return []any{
		[16]byte(a.ID), a.ID.Time(),
		a.actor, string(activity.ActorUser), a.name(), nil, "acme",
		string(activity.ActionUpdate), "PATCH /api/articles/{id}", string(activity.StatusSuccess), nil,
		"article", a.Object, nil, a.remarks(),
		fmt.Sprintf(`{"changes":{"title":[%q,%q]}}`, before, after),
		"192.0.2.7", userAgent, nil, service,
		hex.EncodeToString(a.trace[:]), hex.EncodeToString(a.span[:]),
		string(activity.SourceDeclared),
	}
}

// record fills a log record with the activity; without an id the collector has
// to make one.
func (a *Activity) record(record plog.LogRecord, id bool) {
	record.SetTimestamp(pcommon.NewTimestampFromTime(a.ID.Time()))
	record.SetEventName(activity.EventName)
	record.Body().SetStr(a.remarks())
	record.SetTraceID(a.trace)
	record.SetSpanID(a.span)
	attributes := record.Attributes()
	attributes.EnsureCapacity(16)
	if id {
		attributes.PutStr(activity.IDKey, a.ID.String())
	}
	attributes.PutStr(activity.ActorIDKey, a.actor)
	attributes.PutStr(activity.ActorTypeKey, string(activity.ActorUser))
	attributes.PutStr(activity.ActorNameKey, a.name())
	attributes.PutStr(activity.TenantIDKey, "acme")
	attributes.PutStr(activity.ActionTypeKey, string(activity.ActionUpdate))
	attributes.PutStr(activity.ActionNameKey, "PATCH /api/articles/{id}")
	attributes.PutStr(activity.StatusKey, string(activity.StatusSuccess))
	attributes.PutStr(activity.ObjectTypeKey, "article")
	attributes.PutStr(activity.ObjectIDKey, a.Object)
	attributes.PutStr(activity.ClientAddressKey, "192.0.2.7")
	attributes.PutStr(activity.UserAgentKey, userAgent)
	attributes.PutStr(activity.SourceKey, string(activity.SourceDeclared))
	title := attributes.PutEmptyMap(activity.DataKey).PutEmptyMap("changes").PutEmptySlice("title")
	title.AppendEmpty().SetStr(before)
	title.AppendEmpty().SetStr(after)
}
