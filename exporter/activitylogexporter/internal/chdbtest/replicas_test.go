package chdbtest_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/testserver"
)

// reductions make 18.16 understand the DDL of the cluster. What they leave is ON CLUSTER,
// the engines, their paths and macros, keys and partitions, and the window of 0.
var reductions = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`(?m) *--.*$`), ""},
	{regexp.MustCompile(` CODEC\((Delta, )?ZSTD\(1\)\)`), ""},
	{regexp.MustCompile(`,\n *INDEX [^\n]*[^,\n]`), ""},
	{regexp.MustCompile(`LowCardinality\(String\)`), "String"},
	{regexp.MustCompile(`toUnixTimestamp64Nano\(now64\(9, 'UTC'\)\)`), "now()"},
	{regexp.MustCompile(`(?s)DEFAULT if\(\s.*?NULL\),`), "DEFAULT now(),"},
	{regexp.MustCompile(`DateTime64\(6, 'UTC'\)`), "DateTime"},
	{regexp.MustCompile(`now64\(6, 'UTC'\)`), "now()"},
	{regexp.MustCompile(`(?s)SETTINGS[^;]*?replicated_deduplication_window = 0[^;]*`), "SETTINGS replicated_deduplication_window = 0"},
	{regexp.MustCompile(` MATERIALIZED `), " DEFAULT "}, // which Distributed of 18.16 cannot insert
	{regexp.MustCompile(`sipHash64\(event_id\)`), "sipHash64(toString(event_id))"},
	{regexp.MustCompile(`\nSETTINGS do_not_merge[^;]*`), ""},
}

func replicatedSchema(t *testing.T) (statements []string) {
	t.Helper()
	ddl, err := fs.ReadFile(dialect.ClickHouse{Cluster: chdbtest.ReplicatedCluster}.Schema("activity_log"), "00001_activity_log.sql")
	if err != nil {
		t.Fatal(err)
	}
	text := string(ddl)
	for _, r := range reductions {
		text = r.pattern.ReplaceAllString(text, r.replacement)
	}
	for statement := range strings.SplitSeq(text, ";") {
		if strings.Contains(statement, "CREATE") {
			statements = append(statements, strings.TrimSpace(statement))
		}
	}
	return statements
}

// inCluster is the dialect with the settings of a cluster in 18.16, and others.
type inCluster struct {
	dialect.ClickHouse
	more string
}

func (d inCluster) DSN(dsn string) (string, error) {
	return dsn + "?insert_distributed_sync=1&dial_timeout=1s" + d.more, nil
}

// quorum is acknowledged when both replicas of a shard have it.
const quorum = "&insert_quorum=2&insert_quorum_timeout=1000"

// TestReplicas writes to two shards of two replicas each, of which some crash. With
// ACTIVITYLOG_SCALE=full it writes a million rows twice, and each replica crashes, and
// then ZooKeeper.
func TestReplicas(t *testing.T) {
	c := chdbtest.StartDebianCluster(t)
	for _, statement := range replicatedSchema(t) {
		execute(t, c.Servers[0].DSN(), statement)
		execute(t, c.Servers[2].DSN(), statement) // there is no lock: each must be safe to run twice
	}
	r := &replicas{t: t, DebianCluster: c}
	t.Run("schema", func(t *testing.T) { r.on(t).schema() })
	t.Run("a block that comes again", func(t *testing.T) { r.on(t).again() })
	t.Run("unknown outcome", func(t *testing.T) { r.on(t).unknown() })
	t.Run("faults", func(t *testing.T) { r.on(t).faults("", 4) })
	if scaled() { // it takes a minute, and longer
		t.Run("faults with a quorum", func(t *testing.T) { r.on(t).faults(quorum, 1) })
	}
}

// replicas is the cluster with its tables.
type replicas struct {
	*chdbtest.DebianCluster
	t *testing.T
}

func (r *replicas) on(t *testing.T) *replicas { return &replicas{r.DebianCluster, t} }

// open returns a store that writes to the first server that it reaches.
func (r *replicas) open(more string) *table {
	r.t.Helper()
	return openWith(r.t, inCluster{more: more}, r.DSN(), false)
}

// ask asks one server, which is numbered from 0. It returns an error if it is down.
func (r *replicas) ask(server int, query string) (answer string, err error) {
	db, err := sql.Open("clickhouse", r.Servers[server].DSN())
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRowContext(r.t.Context(), "SELECT toString(("+query+"))").Scan(&answer)
	return answer, err
}

// await waits until a server answers so.
func (r *replicas) await(server int, query, want string) {
	r.t.Helper()
	var got string
	var err error
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(50 * time.Millisecond) {
		if got, err = r.ask(server, query); err == nil && got == want {
			if took := time.Since(start); took > time.Second {
				r.t.Logf("server %d, %s: after %v", server, query, took)
			}
			return
		}
	}
	r.t.Fatalf("server %d, %s: got %s (%v), want %s, for a minute\n%s", server, query, got, err, want, r.state())
}

// state is what each server has, for messages.
func (r *replicas) state() string {
	var text strings.Builder
	for i := range r.Servers {
		for _, query := range []string{
			"SELECT concat(toString(count()), ' rows, ', toString(uniqExact(event_id)), ' different') FROM activity_log_local",
			"SELECT concat(toString(count()), ' shown') FROM activity_log_shard",
			"SELECT arrayStringConcat(groupArray(concat('read-only ', toString(is_readonly), ', queue ', toString(queue_size), ', active ', toString(active_replicas))), '; ') FROM system.replicas",
		} {
			answer, err := r.ask(i, query)
			fmt.Fprintf(&text, "server %d: %s %v\n", i, answer, err)
		}
	}
	return text.String()
}

// schema: what one server was told is on all of them, with the paths of its shard.
func (r *replicas) schema() {
	for i := range r.Servers {
		r.await(i, "SELECT count() FROM system.tables WHERE database = 'default' AND name LIKE 'activity_log%'", "8")
		shard := i/2 + 1
		r.await(i, "SELECT arrayStringConcat(arraySort(groupArray(zookeeper_path)), ' ') FROM system.replicas",
			fmt.Sprintf("/clickhouse/tables/%d/default/activity_log_dead_letter_local /clickhouse/tables/%d/default/activity_log_local", shard, shard))
		r.await(i, "SELECT sum(total_replicas) FROM system.replicas", "4")
	}
}

// again: a block that comes again is written again, on both replicas, and shown once.
func (r *replicas) again() {
	o := r.open(quorum)
	rows := dialecttest.Rows(2000)
	o.write(rows...)
	o.write(rows...)
	for i := range r.Servers {
		r.await(i, "SELECT count() FROM activity_log", "2000")
		r.await(i, "SELECT uniqExact(event_id) FROM activity_log", "2000")
		r.await(i, "SELECT count() > 1800 AND count() < 2200 AND 2 * uniqExact(event_id) = count() FROM activity_log_local", "1")
	}
	r.empty()
}

// empty removes all rows.
func (r *replicas) empty() {
	r.t.Helper()
	for _, leader := range []int{0, 2} {
		execute(r.t, r.Servers[leader].DSN(), "TRUNCATE TABLE activity_log_local")
	}
	for i := range r.Servers {
		r.await(i, "SELECT count() FROM activity_log_local", "0")
	}
}

// unknown: a server that answers that it does not know whether the rows are written has
// written them. They are written again, and shown once.
func (r *replicas) unknown() {
	o := r.open(quorum)
	rows := dialecttest.Rows(1000)
	r.Servers[1].Kill()
	var err error
	testserver.Eventually(r.t, time.Minute, func() bool {
		err = o.Write(r.t.Context(), slices.Clone(rows))
		return err != nil && strings.Contains(err.Error(), "code: 319")
	}, "a write is answered with UNKNOWN_STATUS_OF_INSERT")
	r.await(0, "SELECT count() > 400 AND uniqExact(event_id) < 600 FROM activity_log_local", "1")
	r.Restart(1)
	testserver.Eventually(r.t, time.Minute, func() bool {
		err = o.Write(r.t.Context(), slices.Clone(rows))
		return err == nil
	}, "the rows are written again")
	for i := range r.Servers {
		r.await(i, "SELECT count() FROM activity_log", "1000")
		r.await(i, "SELECT uniqExact(event_id) FROM activity_log", "1000")
	}
	r.await(0, "SELECT count() > uniqExact(event_id) FROM activity_log_local", "1")
	r.empty()
}
