package dialect_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

const secret = "s3cret"

// TestClickHouseCluster compares the DDL of a cluster with a golden file, since
// no cluster runs here: a change is to be seen. With UPDATE_GOLDEN=true it writes
// the file again.
func TestClickHouseCluster(t *testing.T) {
	schema := dialect.ClickHouse{Cluster: "main"}.Schema("audit.activity_log")
	var got []byte
	for _, file := range []string{"00001_activity_log.sql", "00002_views.sql", "00003_login_attempts.sql", "00004_folded_logins.sql", "00005_objects.sql", "00006_tenant_index.sql", "00007_session_indexes.sql", "00008_counts.sql"} {
		text, err := fs.ReadFile(schema, file)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, text...)
	}
	golden := filepath.Join("testdata", "clickhouse_cluster.sql")
	if os.Getenv("UPDATE_GOLDEN") == "true" {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the DDL is not that of %s:\n%s", golden, got)
	}
}

// TestClickHouseColumns: a column of the one schema that the other lacks would
// be noticed on a cluster alone.
func TestClickHouseColumns(t *testing.T) {
	columns := func(d dialect.ClickHouse) (found []string) {
		text, err := fs.ReadFile(d.Schema("activity_log"), "00001_activity_log.sql")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "CODEC(") || strings.Contains(line, "INDEX ") {
				found = append(found, line)
			}
		}
		return found
	}
	single, cluster := columns(dialect.ClickHouse{}), columns(dialect.ClickHouse{Cluster: "main"})
	if len(single) < 30 || !slices.Equal(single, cluster) {
		t.Errorf("the columns differ: %d on one server, %d on a cluster", len(single), len(cluster))
	}
}

func TestClickHouseDSN(t *testing.T) {
	for _, c := range []struct {
		cluster, dsn, want string // an error begins with "error "
	}{
		{"", "clickhouse://u:p@h:9000/db", "clickhouse://u:p@h:9000/db?async_insert=0&dial_timeout=5s&insert_deduplicate=0&max_partitions_per_insert_block=0&read_timeout=30s&wait_for_async_insert=1"},
		{"", "clickhouse://h1:9000,h2:9000/db?async_insert=1", "clickhouse://h1:9000,h2:9000/db?async_insert=1&dial_timeout=5s&insert_deduplicate=0&max_partitions_per_insert_block=0&read_timeout=30s&wait_for_async_insert=1"},
		{"main", "https://h:8443/db?secure=true", "https://h:8443/db?secure=true&async_insert=0&dial_timeout=5s&distributed_foreground_insert=1&insert_deduplicate=0&max_partitions_per_insert_block=0&read_timeout=30s&wait_for_async_insert=1"},
		{"", "clickhouse://h/db?dial_timeout=1s&read_timeout=2m", "clickhouse://h/db?dial_timeout=1s&read_timeout=2m&async_insert=0&insert_deduplicate=0&max_partitions_per_insert_block=0&wait_for_async_insert=1"},
		{"", "clickhouse://h/db?wait_for_async_insert=0", "error must not change the setting wait_for_async_insert from 1"},
		{"main", "clickhouse://h/db?distributed_foreground_insert=0", "error must not change the setting distributed_foreground_insert from 1"},
		{"", "postgres://u:" + secret + "@h/db", "error must be a ClickHouse URL"},
		{"", "clickhouse://u:" + secret + "@h:port%/db", "error must be a ClickHouse URL"},
		{"", "localhost:9000", "error must be a ClickHouse URL"},
	} {
		got, err := dialect.ClickHouse{Cluster: c.cluster}.DSN(c.dsn)
		want, wantErr := strings.CutPrefix(c.want, "error ")
		switch {
		case wantErr && (err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), secret)):
			t.Errorf("%s: got %v, want an error that begins with %s", c.dsn, err, want)
		case !wantErr && (err != nil || got != want):
			t.Errorf("%s:\ngot  %s, %v\nwant %s", c.dsn, got, err, want)
		}
	}
}

func TestClickHouseClassify(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want dialect.Verdict
	}{
		"constraint": {&clickhouse.HTTPError{Err: &clickhouse.Exception{Code: 469, Message: "Constraint `c` for table t is violated at row 17. Expression: ..."}},
			dialect.Verdict{Kind: dialect.Rejected, Code: "469", Row: 17}},
		"conversion":     {&proto.BlockError{Op: "AppendRow", Err: errors.New("parsing time")}, dialect.Verdict{Kind: dialect.Rejected, Code: "AppendRow"}},
		"other columns":  {&proto.BlockError{Op: "Append", Err: errors.New("expected 3 arguments")}, dialect.Verdict{}},
		"too many parts": {&clickhouse.Exception{Code: 252}, dialect.Verdict{Code: "252"}},
		"no table":       {&clickhouse.Exception{Code: 60}, dialect.Verdict{Kind: dialect.Schema, Code: "60"}},
		"memory":         {&clickhouse.Exception{Code: 241}, dialect.Verdict{Code: "241"}},
		"network":        {errors.New("EOF"), dialect.Verdict{}},
	} {
		if got := (dialect.ClickHouse{}).Classify(fmt.Errorf("commit: %w", c.err)); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}
