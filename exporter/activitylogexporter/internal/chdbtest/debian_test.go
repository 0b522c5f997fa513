package chdbtest_test

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// reduced is the dialect without the settings that ClickHouse 18.16 does not know.
type reduced struct{ dialect.ClickHouse }

func (reduced) DSN(dsn string) (string, error) { return dsn + "?insert_distributed_sync=1", nil }

// reducedSchema has the tables of the cluster with the types of 18.16.
func reducedSchema() []string {
	columns := "event_id UUID, action_time DateTime"
	for i, name := range row.Names {
		columns += ", " + name + " " + map[bool]string{true: "String", false: "Nullable(String)"}[i == row.ActionType || i == row.Status || i == row.Source || i == row.Data]
	}
	return []string{
		"CREATE TABLE activity_log_local (" + columns + ", recorded_at DateTime DEFAULT now(), precedence UInt64 DEFAULT bitNot(toUInt64(now())))" +
			" ENGINE = ReplacingMergeTree(precedence) PARTITION BY toYYYYMM(action_time) ORDER BY (action_time, event_id)",
		"CREATE VIEW activity_log_shard AS SELECT * FROM activity_log_local FINAL",
		"CREATE TABLE activity_log_store AS activity_log_local ENGINE = Distributed(two, default, activity_log_local, sipHash64(toString(event_id)))",
		"CREATE TABLE activity_log AS activity_log_shard ENGINE = Distributed(two, default, activity_log_shard)",
	}
}

// TestDebian writes by the native protocol to a server with two shards, one of
// which crashes.
func TestDebian(t *testing.T) {
	shards := chdbtest.StartDebian(t)
	for _, shard := range shards {
		execute(t, shard.DSN(), reducedSchema()...)
	}
	o := openWith(t, reduced{}, shards[0].DSN(), false)
	rows := dialecttest.Rows(5000)
	rows[1].Text[row.Remarks] = strings.Repeat("größer ", 100_000)
	o.write(rows...)
	o.write(rows...)
	check := func(want string) {
		t.Helper()
		o.expect(want, "SELECT count() FROM activity_log")
		o.expect(want, "SELECT uniqExact(event_id) FROM activity_log")
		o.expect("1", "SELECT count() > 2000 AND count() < 4000 FROM activity_log_shard")
	}
	check("5000")
	shards[1].Kill()
	more := dialecttest.Rows(1000)
	if err := o.Write(t.Context(), append(rows[:0:0], more...)); err == nil {
		t.Error("write with a shard down: no error")
	}
	shards[1].Start()
	o.write(more...)
	check("6000")
}
