package main

// A goal is one line of the table: a value that a benchmark reports, and what it
// should be, at least or at most. Without either it is there to compare with.
type goal struct {
	what      string
	benchmark string // package, name and unit, as in values
	atLeast   float64
	atMost    float64
	per       float64 // what the value is to be divided by, if not 0
}

type group struct {
	title string
	goals []goal
}

const (
	exporter  = "activitylogexporter "
	whole     = "bench "
	processor = "activityprocessor "
	admin     = "django_admin "
	panels    = "dashboardtest "
)

var goals = []group{
	{"rows/s through the exporter, committed, as a ratio", []goal{
		{what: "PostgreSQL, against CopyFrom of ready-made rows", benchmark: exporter + "Postgres/new ratio", atLeast: 0.90},
		{what: "  each batch was sent before", benchmark: exporter + "Postgres/replay ratio", atLeast: 0.85},
		{what: "  one old row, first", benchmark: exporter + "Postgres/one_old_row,_first ratio", atLeast: 0.75},
		{what: "  one old row, middle", benchmark: exporter + "Postgres/one_old_row,_middle ratio", atLeast: 0.75},
		{what: "  one old row, last", benchmark: exporter + "Postgres/one_old_row,_last ratio", atLeast: 0.75},
		{what: "  half of the rows old", benchmark: exporter + "Postgres/half_old ratio", atLeast: 0.50},
		{what: "  4 connections, against CopyFrom on 4", benchmark: exporter + "Postgres/new,_4_connections ratio", atLeast: 0.90},
		{what: "  partitions by month, an empty table", benchmark: exporter + "Postgres/new,_by_month ratio"},
		{what: "  bulk: insert", benchmark: exporter + "Postgres/new,_bulk_insert ratio"},
		{what: "  one INSERT a row", benchmark: exporter + "Postgres/one_INSERT_a_row ratio"},
		{what: "MariaDB, against LOAD DATA LOCAL of ready-made rows", benchmark: exporter + "MySQL/new ratio", atLeast: 0.85},
		{what: "  4 connections", benchmark: exporter + "MySQL/new,_4_connections ratio"},
		{what: "  each batch was sent before", benchmark: exporter + "MySQL/replay ratio"},
		{what: "  one old row", benchmark: exporter + "MySQL/one_old_row ratio"},
		{what: "  half of the rows old", benchmark: exporter + "MySQL/half_old ratio"},
		{what: "  bulk: insert", benchmark: exporter + "MySQL/new,_bulk_insert ratio"},
		{what: "SQLite, against a prepared statement in one transaction", benchmark: exporter + "Exporter/sqlite ratio", atLeast: 0.85},
		{what: "ClickHouse by HTTP, against a prepared batch", benchmark: "chdbtest ClickHouse/http ratio", atLeast: 0.90},
		{what: "  18.16 by the native protocol", benchmark: "chdbtest ClickHouse/native ratio", atLeast: 0.90},
		{what: "Firebird by driver: generic, against its bare driver", benchmark: "firebird Write of-bare"},
		{what: "allocations a row, pdata to the wire of PostgreSQL", benchmark: exporter + "Postgres/new allocs/op", atMost: 3, per: 100_000},
		{what: "  of ClickHouse by HTTP", benchmark: "chdbtest ClickHouse/http allocs/row", atMost: 0.5},
	}},
	{"20 million rows in the table, PostgreSQL", []goal{
		{what: "ingest, plain, against CopyFrom into the same", benchmark: exporter + "Large/partition=none/ingest ratio", atLeast: 0.90},
		{what: "ingest by day, against CopyFrom into an empty plain table", benchmark: exporter + "Large/partition=day/ingest ratio", atLeast: 0.80},
		{what: "ingest by month with late_indexes, against the same", benchmark: exporter + "Large/partition=month,late_indexes/ingest ratio", atLeast: 0.80},
		{what: "  without late_indexes", benchmark: exporter + "Large/partition=month/ingest ratio"},
		{what: "ms: last 100", benchmark: exporter + "Large/partition=none/last_100 ms-first", atMost: 10},
		{what: "ms: of an actor", benchmark: exporter + "Large/partition=none/of_an_actor_with_few_rows ms-first", atMost: 10},
		{what: "ms: of an object", benchmark: exporter + "Large/partition=none/of_an_object ms-first", atMost: 10},
		{what: "ms: failed logins of the last day", benchmark: exporter + "Large/partition=none/failed_logins_of_the_last_day ms-first", atMost: 10},
		{what: "ms: by trace id", benchmark: exporter + "Large/partition=none/by_trace_id ms-first", atMost: 10},
		{what: "ms: of an actor, by month with late_indexes", benchmark: exporter + "Large/partition=month,late_indexes/of_an_actor_with_few_rows ms-warm"},
	}},
	{"the whole collector, OTLP/gRPC in, PostgreSQL rows out", []goal{
		{what: "rows/s, against raw COPY", benchmark: whole + "Ingest of-copy", atLeast: 0.60},
		{what: "rows/s, against Telegraf", benchmark: whole + "Ingest of-telegraf", atLeast: 1},
		{what: "rows/s, against one INSERT a row", benchmark: whole + "Ingest of-insert"},
		{what: "overload: MiB of memory, large queue", benchmark: whole + "Overload/large MiB-memory", atMost: 512},
		{what: "overload: MiB of memory, small queue", benchmark: whole + "Overload/small MiB-memory", atMost: 512},
	}},
	{"reading", []goal{
		{what: "export of a million rows to CSV, against psql \\copy", benchmark: whole + "Export/postgres/csv of-client", atLeast: 0.7},
		{what: "  MiB of memory", benchmark: whole + "Export/postgres/csv MiB", atMost: 64},
		{what: "  Parquet, against the same", benchmark: whole + "Export/postgres/parquet of-client", atLeast: 0.4},
		{what: "the same of SQLite, against sqlite3", benchmark: whole + "Export/sqlite of-client", atLeast: 0.7},
		{what: "  MiB of memory", benchmark: whole + "Export/sqlite MiB", atMost: 64},
		{what: "ms: a page of 100, PostgreSQL, 20 million rows", benchmark: whole + "Pages/all ms-first", atMost: 20},
		{what: "  the thousandth", benchmark: whole + "Pages/all ms-thousandth", atMost: 20},
		{what: "  from and to", benchmark: whole + "Pages/from_and_to ms-first", atMost: 20},
		{what: "  the thousandth", benchmark: whole + "Pages/from_and_to ms-thousandth", atMost: 20},
		{what: "  of an actor", benchmark: whole + "Pages/actor ms-first", atMost: 20},
		{what: "  the thousandth", benchmark: whole + "Pages/actor ms-thousandth", atMost: 20},
		{what: "  of an actor with few rows", benchmark: whole + "Pages/actor_with_few_rows ms-first", atMost: 20},
		{what: "  of an object", benchmark: whole + "Pages/object ms-first", atMost: 20},
		{what: "  the thousandth", benchmark: whole + "Pages/object ms-thousandth", atMost: 20},
		{what: "  failed logins", benchmark: whole + "Pages/failed_logins ms-first", atMost: 20},
		{what: "  the thousandth", benchmark: whole + "Pages/failed_logins ms-thousandth", atMost: 20},
		{what: "  of a trace", benchmark: whole + "Pages/trace ms-first", atMost: 20},
		{what: "  by id", benchmark: whole + "Pages/id ms-first", atMost: 20},
		{what: "  of a tenant", benchmark: whole + "Pages/tenant ms-first", atMost: 20},
		{what: "  the thousandth", benchmark: whole + "Pages/tenant ms-thousandth", atMost: 20},
		{what: "  of a tenant with few rows", benchmark: whole + "Pages/tenant_with_few_rows ms-first", atMost: 20},
		{what: "  of a tenant without rows", benchmark: whole + "Pages/tenant_without_rows ms-first", atMost: 20},
		{what: "  of an actor of a tenant", benchmark: whole + "Pages/tenant_and_actor ms-first", atMost: 20},
		{what: "  the thousandth", benchmark: whole + "Pages/tenant_and_actor ms-thousandth", atMost: 20},
		{what: "ms from commit to shown, the most of 20 rows", benchmark: whole + "Tail ms-most", atMost: 1000},
		{what: "requests/s of the page's API, against a bare handler with the same query", benchmark: whole + "API/web of-bare", atLeast: 0.6},
		{what: "  of a feed", benchmark: whole + "API/feed of-bare", atLeast: 0.6},
		{what: "  of a feed with all columns and changes", benchmark: whole + "API/feed,_all_columns of-bare"},
	}},
	{"several collectors and one PostgreSQL, all on one machine: processor time for a record, as a ratio", []goal{
		{what: "2 collectors, to the same with a table each", benchmark: whole + "Collectors cpu-2-of-apart", atMost: 1.05},
		{what: "4 collectors, to the same with a table each", benchmark: whole + "Collectors cpu-4-of-apart", atMost: 1.05},
		{what: "  PostgreSQL, of 2 collectors", benchmark: whole + "Collectors database-2-of-apart"},
		{what: "  PostgreSQL, of 4 collectors", benchmark: whole + "Collectors database-4-of-apart"},
		{what: "2 collectors, to one collector", benchmark: whole + "Collectors cpu-2-of-1"},
		{what: "4 collectors, to one collector", benchmark: whole + "Collectors cpu-4-of-1"},
		{what: "  PostgreSQL, of 2 collectors", benchmark: whole + "Collectors database-2-of-1"},
		{what: "  PostgreSQL, of 4 collectors", benchmark: whole + "Collectors database-4-of-1"},
		{what: "  rows/s, of 4 collectors", benchmark: whole + "Collectors rate-4-of-1"},
		{what: "  µs of a core: one collector", benchmark: whole + "Collectors µs/record-1"},
	}},
	{"the processor", []goal{
		{what: "preset http_server, against transform doing the same", benchmark: whole + "Transform/of-transform of-transform", atMost: 0.7},
		{what: "the Node example's rules, against transform", benchmark: whole + "Transform/rules-of-transform rules-of-transform", atMost: 0.7},
		{what: "µs: a span by the preset alone", benchmark: processor + "Preset ns/record", atMost: 1.5, per: 1000},
		{what: "µs: a span by the default, which looks for secrets", benchmark: processor + "Default ns/record", per: 1000},
		{what: "µs: a declared record by the default", benchmark: processor + "Declared ns/record", per: 1000},
		{what: "OTLP to debug, spans, on against off", benchmark: whole + "Pipeline/spans of-off", atLeast: 0.85},
		{what: "  without looking for secrets", benchmark: whole + "Pipeline/spans,_bare of-off"},
		{what: "OTLP to debug, declared records, on against off", benchmark: whole + "Pipeline/declared of-off", atLeast: 0.85},
		{what: "  without looking for secrets", benchmark: whole + "Pipeline/declared,_bare of-off"},
		{what: "MiB: a million users in a lookup file", benchmark: "lookup LookupMillion/file=csv MiB"},
	}},
	{"a million rows in the Django admin, PostgreSQL, ms a page", []goal{
		{what: "the list", benchmark: admin + "Million/list ms/page", atMost: 200},
		{what: "failed ones", benchmark: admin + "Million/failed ms/page", atMost: 200},
		{what: "search for an actor's id", benchmark: admin + "Million/actor's_id ms/page", atMost: 200},
		{what: "search for an object", benchmark: admin + "Million/object ms/page", atMost: 200},
		{what: "search for an actor's name, which has no index", benchmark: admin + "Million/actor's_name ms/page"},
		{what: "  with one", benchmark: admin + "Million/actor's_name,_indexed ms/page"},
	}},
	{"ms of Grafana's slowest panel, a million rows of 90 days", []goal{
		{what: "PostgreSQL, with its dashboard's time range", benchmark: panels + "Panels/postgres/slowest ms-slowest", atMost: 200},
		{what: "  with all rows", benchmark: panels + "Panels/postgres/slowest ms-slowest-all"},
		{what: "SQLite", benchmark: panels + "Panels/sqlite/slowest ms-slowest", atMost: 200},
		{what: "  with all rows", benchmark: panels + "Panels/sqlite/slowest ms-slowest-all"},
		{what: "MariaDB", benchmark: panels + "Panels/mysql/slowest ms-slowest", atMost: 200},
		{what: "  with all rows", benchmark: panels + "Panels/mysql/slowest ms-slowest-all"},
		{what: "ClickHouse", benchmark: panels + "Panels/clickhouse/slowest ms-slowest", atMost: 200},
		{what: "  with all rows", benchmark: panels + "Panels/clickhouse/slowest ms-slowest-all"},
	}},
	{"a request of the service", []goal{
		{what: "time with activity, against otelhttp with the same written by hand", benchmark: "instrument Ratio request-ratio"},
		{what: "emitting by the spool in memory, against the SDK's BatchProcessor", benchmark: "spool Memory time-ratio", atMost: 1.2},
		{what: "64 at a time by the spool on disk, against raw group-committed appends", benchmark: "spool Disk64 speed-ratio", atLeast: 0.8},
	}},
}
