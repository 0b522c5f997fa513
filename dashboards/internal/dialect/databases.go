package dialect

var postgres = &Dialect{
	Name: "postgres", Title: "PostgreSQL", Plugin: "grafana-postgresql-datasource",
	weight: "CASE WHEN source = 'derived' AND jsonb_typeof(data -> 'count') = 'number' THEN (data ->> 'count')::numeric ELSE 1 END",
	from:   "$__timeFrom()::timestamptz", to: "$__timeTo()::timestamptz", ago: "$__timeFrom()::timestamptz - interval '%d days'",
	firstHour: "to_timestamp(ceil(extract(epoch FROM $__timeFrom()::timestamptz) / 3600) * 3600)",
	lastHour:  "to_timestamp(floor(extract(epoch FROM $__timeTo()::timestamptz) / 3600) * 3600)",
	within:    "$__timeFilter(%s)", bucket: "$__timeGroupAlias(%s, $__interval)", time: "%s",
	seconds: "extract(epoch FROM %s - %s)::float8", text: "%s::text", short: "%s",
	parent: "data -> 'parent' ->> '%s'",
	// jsonb_each fails for JSON that is not an object.
	changes: "CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(h.changes) = 'object' THEN h.changes ELSE '{}' END) AS c (field, value)",
	field:   "c.field", before: "c.value ->> 0", after: "c.value ->> 1",
}

// The macros $__timeFilter and $__timeGroup of Grafana's MySQL data source go
// through the session's time zone, which is the server's unless somebody sets it
// in the data source. action_time is UTC, so nothing here depends on it.
var mysql = &Dialect{
	Name: "mysql", Title: "MySQL", Plugin: "mysql",
	weight:    "CASE WHEN source = 'derived' AND JSON_TYPE(JSON_EXTRACT(data, '$.count')) IN ('INTEGER', 'UNSIGNED INTEGER') THEN CAST(JSON_EXTRACT(data, '$.count') AS SIGNED) ELSE 1 END",
	from:      "TIMESTAMPADD(SECOND, $__unixEpochFrom(), TIMESTAMP '1970-01-01 00:00:00')",
	to:        "TIMESTAMPADD(SECOND, $__unixEpochTo(), TIMESTAMP '1970-01-01 00:00:00')",
	firstHour: "TIMESTAMPADD(SECOND, ($__unixEpochFrom() + 3599) DIV 3600 * 3600, TIMESTAMP '1970-01-01 00:00:00')",
	lastHour:  "TIMESTAMPADD(SECOND, $__unixEpochTo() DIV 3600 * 3600, TIMESTAMP '1970-01-01 00:00:00')",
	ago:       "TIMESTAMPADD(DAY, -%d, TIMESTAMPADD(SECOND, $__unixEpochFrom(), TIMESTAMP '1970-01-01 00:00:00'))",
	bucket:    "TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', %s) DIV ($__interval_ms DIV 1000) * ($__interval_ms DIV 1000) AS time",
	time:      "%s",
	seconds:   "TIMESTAMPDIFF(MICROSECOND, %[2]s, %[1]s) / 1e6", text: "CAST(%s AS CHAR)",
	parent:  "JSON_UNQUOTE(JSON_EXTRACT(data, '$.parent.%s'))",
	short:   "LEFT(%s, 255)", // a LONGTEXT makes it group on disk
	changes: "JOIN JSON_TABLE(JSON_KEYS(h.changes), '$[*]' COLUMNS (field VARCHAR(255) PATH '$')) AS c",
	field:   "c.field",
	before:  mysqlValue("0"), after: mysqlValue("1"),
}

// mysqlValue returns a value of a changed field as text; JSON's null is NULL.
func mysqlValue(index string) string {
	value := "JSON_EXTRACT(h.changes, CONCAT('$.', JSON_QUOTE(c.field), '[" + index + "]'))"
	return "CASE WHEN JSON_TYPE(" + value + ") = 'NULL' THEN NULL ELSE JSON_UNQUOTE(" + value + ") END"
}

// In SQLite action_time is text, "2026-11-20 08:00:00.123456". The plugin's macro
// $__timeFilter computes with each row, and so uses no index.
var sqlite = &Dialect{
	Name: "sqlite", Title: "SQLite", Plugin: "frser-sqlite-datasource",
	weight:    "CASE WHEN source = 'derived' AND json_type(data, '$.count') = 'integer' THEN json_extract(data, '$.count') ELSE 1 END",
	from:      "strftime('%Y-%m-%d %H:%M:%f', $__from / 1000.0, 'unixepoch')",
	to:        "strftime('%Y-%m-%d %H:%M:%f', $__to / 1000.0, 'unixepoch')",
	firstHour: "strftime('%Y-%m-%d %H:00:00.000000', ($__from + 3599999) / 3600000 * 3600, 'unixepoch')",
	lastHour:  "strftime('%Y-%m-%d %H:00:00.000000', $__to / 3600000 * 3600, 'unixepoch')",
	ago:       "strftime('%%Y-%%m-%%d %%H:%%M:%%f', $__from / 1000.0, 'unixepoch', '-%d days')",
	bucket:    "CAST(strftime('%%s', %s) AS INTEGER) / ($__interval_ms / 1000) * ($__interval_ms / 1000) AS time",
	time:      "replace(%s, ' ', 'T') || 'Z'", // the plugin knows RFC 3339
	seconds:   "(julianday(%s) - julianday(%s)) * 86400.0", text: "%s", short: "%s",
	parent:  "json_extract(data, '$.parent.%s')",
	changes: "JOIN json_each(CASE WHEN json_valid(h.changes) THEN h.changes ELSE '{}' END) AS c",
	field:   "c.key", before: sqliteValue("0"), after: sqliteValue("1"),
}

// sqliteValue returns a value of a changed field as text, because the plugin derives the
// type of a column from its first value.
func sqliteValue(index string) string {
	path := "'$[" + index + "]'"
	return "CASE WHEN c.type = 'array' THEN CASE json_type(c.value, " + path + ") WHEN 'null' THEN NULL" +
		" WHEN 'text' THEN c.value ->> " + path + " ELSE c.value -> " + path + " END END"
}

var clickhouse = &Dialect{
	Name: "clickhouse", Title: "ClickHouse", Plugin: "grafana-clickhouse-datasource",
	weight: "if(source = 'derived' AND JSONType(data, 'count') IN ('Int64', 'UInt64'), JSONExtractUInt(data, 'count'), 1)",
	from:   "$__fromTime_ms", to: "$__toTime_ms", ago: "$__fromTime_ms - INTERVAL %d DAY",
	within: "$__timeFilter_ms(%s)", bucket: "$__timeInterval(%s) AS time", time: "%s",
	seconds: "(toUnixTimestamp64Micro(%s) - toUnixTimestamp64Micro(%s)) / 1e6", text: "%s", short: "%s",
	parent:  "JSONExtractString(data, 'parent', '%s')",
	changes: "ARRAY JOIN JSONExtractKeysAndValuesRaw(ifNull(h.changes, '{}')) AS c",
	field:   "c.1", before: clickhouseValue("1"), after: clickhouseValue("2"),
}

func clickhouseValue(index string) string {
	return "multiIf(JSONType(c.2, " + index + ") = 'String', JSONExtractString(c.2, " + index + "), " +
		"JSONType(c.2, " + index + ") = 'Null', NULL, JSONExtractRaw(c.2, " + index + "))"
}
