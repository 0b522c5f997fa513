package dialect

import (
	"strconv"
	"strings"
	"time"
)

// Interval implements [Partitioner].
func (p Postgres) Interval() Partition {
	if p.Partition == "" {
		return PartitionNone
	}
	return p.Partition
}

func (p Postgres) partitioned() bool { return p.Interval() != PartitionNone }

// key returns the columns of the primary key. PostgreSQL requires the column of the
// partitions in it. That is a function of event_id, so both keys are equally unique.
func (p Postgres) key() string {
	if p.partitioned() {
		return "action_time, event_id"
	}
	return "event_id"
}

// names returns the other placeholders of the migrations.
func (p Postgres) names(table string) []string {
	other, by, rest := "action_time", "", ""
	if p.partitioned() {
		other = "event_id"
		by = " PARTITION BY RANGE (action_time)"
		// For rows without a partition: very old ones, and those of a fast clock.
		rest = "CREATE TABLE IF NOT EXISTS " + Quote(table+"_default") + " PARTITION OF " + Quote(table) + " DEFAULT;"
	}
	return append(p.lateNames(table), "{{key}}", p.key(), "{{other_key}}", other, "{{partition_by}}", by, "{{default_partition}}", rest)
}

// IsPartitioned implements [Partitioner].
func (Postgres) IsPartitioned(table string) string {
	return "SELECT relkind = 'p' FROM pg_class WHERE oid = '" + Quote(table) + "'::regclass"
}

// Partitions implements [Partitioner].
func (Postgres) Partitions(table string) string {
	return `SELECT c.relname, ` + bound("FROM") + `, ` + bound("TO") + `
		FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = '` + Quote(table) + `'::regclass AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'`
}

// bound is the start ("FROM") or the end ("TO") of the partition c.
func bound(side string) string {
	return `(extract(epoch FROM (regexp_match(pg_get_expr(c.relpartbound, c.oid), '` + side +
		` \(''([^'']+)''\)'))[1]::timestamptz) * 1000000)::bigint`
}

// lockTimeout limits the wait for a long-running reader, because writers would wait
// for us meanwhile. The change is tried again later.
const lockTimeout = "SET LOCAL lock_timeout = '3s'"

// PartitionName implements [Partitioner].
func (Postgres) PartitionName(table string, begin time.Time) string {
	return unqualified(table) + "_p" + begin.UTC().Format("20060102")
}

// AddPartition implements [Partitioner]. It moves rows of that time out of the
// default partition.
func (Postgres) AddPartition(table string, begin, end time.Time) []string {
	rest, name := Quote(table+"_default"), beside(table, Postgres{}.PartitionName(table, begin))
	from, to := "'"+begin.UTC().Format(time.RFC3339)+"'", "'"+end.UTC().Format(time.RFC3339)+"'"
	return []string{
		lockTimeout,
		Postgres{}.BeginCounted(table), // rows that move are not counted
		"CREATE TABLE " + name + " (LIKE " + Quote(table) + " INCLUDING ALL)",
		"LOCK TABLE " + rest + " IN ACCESS EXCLUSIVE MODE",
		"WITH moved AS (DELETE FROM " + rest + " WHERE action_time >= " + from + " AND action_time < " + to + " RETURNING *) " +
			"INSERT INTO " + name + " SELECT * FROM moved",
		"ALTER TABLE " + Quote(table) + " ATTACH PARTITION " + name + " FOR VALUES FROM (" + from + ") TO (" + to + ")",
	}
}

// DropPartition implements [Partitioner].
func (Postgres) DropPartition(table, name string, recorded time.Time) []string {
	if schema, _, ok := strings.Cut(table, "."); ok {
		name = schema + "." + name
	}
	return []string{
		lockTimeout,
		"CREATE TEMPORARY TABLE activitylog_kept ON COMMIT DROP AS SELECT * FROM " + Quote(name) +
			" WHERE recorded_at >= '" + recorded.UTC().Format(time.RFC3339Nano) + "'",
		"DROP TABLE " + Quote(name),
		"INSERT INTO " + Quote(table) + " SELECT * FROM pg_temp.activitylog_kept",
	}
}

// Now implements [Expirer].
func (Postgres) Now() string {
	return "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
}

// old returns the table that Expire deletes from, and the condition for old rows. With
// partitions it is the default one, because the others are dropped as a whole.
func (p Postgres) old(table string) (quoted, where string) {
	if p.partitioned() && !strings.HasSuffix(table, DeadLetterTable("")) {
		table += "_default"
	}
	return Quote(table), " WHERE event_id < $1::uuid AND recorded_at < $2"
}

// Expire implements [Expirer].
func (p Postgres) Expire(table string, before time.Time, limit int) (query string, args []any) {
	quoted, where := p.old(table)
	return "DELETE FROM " + quoted + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + quoted + where +
		" ORDER BY event_id LIMIT $3))", []any{firstID(before).String(), before, limit}
}

// CountOld implements [Expirer].
func (p Postgres) CountOld(table string, of, before time.Time, limit int) (query string, args []any) {
	quoted, where := p.old(table)
	return "SELECT count(*) FROM (SELECT 1 FROM " + quoted + where + " LIMIT $3) AS old", []any{firstID(of).String(), before, limit}
}

// CountAny implements [Expirer], for all partitions.
func (Postgres) CountAny(table string, limit int) string {
	return "SELECT count(*) FROM (SELECT 1 FROM " + Quote(table) + " LIMIT " + strconv.Itoa(limit) + ") AS rows"
}
