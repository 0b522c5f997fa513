package dialect

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// Only a new table with late indexes differs, and only in two of its indexes.
func TestLateSchema(t *testing.T) {
	read := func(p Postgres) string {
		t.Helper()
		text, err := fs.ReadFile(p.Schema("audit.log"), "00001_activity_log.sql")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const (
		actor     = `CREATE INDEX IF NOT EXISTS "log_actor_idx" ON "audit"."log" (actor_id, action_time);`
		trace     = `CREATE INDEX IF NOT EXISTS "log_trace_idx" ON "audit"."log" USING hash (trace_id);`
		lateActor = `CREATE INDEX IF NOT EXISTS "log_default_actor" ON "audit"."log_default" (actor_id, action_time);`
		lateTrace = `CREATE INDEX IF NOT EXISTS "log_default_trace" ON "audit"."log_default" USING hash (trace_id);`
	)
	for p, want := range map[Postgres][]string{
		{}:                        {actor, trace},
		{LateIndexes: true}:       {actor, trace}, // which does nothing
		{Partition: PartitionDay}: {actor, trace},
		{Partition: PartitionMonth, LateIndexes: true}: {lateActor, lateTrace},
	} {
		text := read(p)
		for _, index := range []string{actor, trace, lateActor, lateTrace} {
			if has := strings.Contains(text, index); has != slices.Contains(want, index) {
				t.Errorf("%+v: %s is there: %v", p, index, has)
			}
		}
		if strings.Contains(text, "{{") {
			t.Errorf("%+v: a placeholder is left in %s", p, text)
		}
	}
	late, plain := read(Postgres{Partition: PartitionDay, LateIndexes: true}), read(Postgres{Partition: PartitionDay})
	if got := strings.NewReplacer(lateActor, actor, lateTrace, trace).Replace(late); got != plain {
		t.Errorf("there are other differences: %s", got)
	}
}

// What the statements name is in the schema of the table.
func TestLateStatements(t *testing.T) {
	index := LateIndex{Partition: "log_p20261001", Kind: "trace", Name: "log_p20261001_trace", Own: "log_p20261001_trace"}
	for _, c := range []struct{ got, want string }{
		{Postgres{}.BuildLate("audit.log", index), `CREATE INDEX CONCURRENTLY "log_p20261001_trace" ON "audit"."log_p20261001" USING hash (trace_id)`},
		{Postgres{}.BuildLate("log", index), `CREATE INDEX CONCURRENTLY "log_p20261001_trace" ON "log_p20261001" USING hash (trace_id)`},
		{Postgres{}.DropLate("audit.log", index), `DROP INDEX CONCURRENTLY IF EXISTS "audit"."log_p20261001_trace"`},
		{strings.Join(Postgres{}.DropWhole("audit.log", "actor"), "; "), lockTimeout + `; DROP INDEX IF EXISTS "audit"."log_actor_idx"`},
		{strings.Join(Postgres{}.BeginWhole("audit.log", "actor"), "; "),
			lockTimeout + `; CREATE INDEX IF NOT EXISTS "log_actor_idx" ON ONLY "audit"."log" USING btree (actor_id, action_time)`},
		{strings.Join(Postgres{}.AddWhole("audit.log", index), "; "), lockTimeout +
			`; ALTER INDEX "audit"."log_trace_idx" ATTACH PARTITION "audit"."log_p20261001_trace"; ALTER INDEX "audit"."log_p20261001_trace" RENAME TO "log_p20261001_trace2"`},
		{strings.Join(Postgres{}.FreeName("audit.log", index), "; "), lockTimeout + `; ALTER INDEX "audit"."log_p20261001_trace" RENAME TO "log_p20261001_trace2"`},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	index.Own = "by_hand" // keeps its name
	if got := strings.Join(Postgres{}.AddWhole("log", index), "; "); got != lockTimeout+`; ALTER INDEX "log_trace_idx" ATTACH PARTITION "by_hand"` {
		t.Errorf("got %s", got)
	}
}
