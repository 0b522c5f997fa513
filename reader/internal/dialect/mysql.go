package dialect

// MySQL is MySQL 8.0.17 and newer and MariaDB 10.5 and newer.
type MySQL struct{ common }

// Quote implements [Dialect]. Backticks work in every sql_mode.
func (MySQL) Quote(name string) string { return quote(name, "`") }

// Columns implements [Dialect].
func (MySQL) Columns(table string) string {
	schema, name := split(table, "DATABASE()")
	return "SELECT column_name FROM information_schema.columns WHERE table_schema = " + schema + " AND table_name = '" + name + "'"
}

// Version implements [Dialect].
func (d MySQL) Version(table string) string { return maxVersion(d.Quote(table + "_schema")) }

// Select implements [Dialect]. The driver would take a time for one in the time zone
// of its settings.
func (MySQL) Select(column string, kind Kind) string {
	if kind == Time {
		return "CAST(t." + column + " AS CHAR)"
	}
	return "t." + column
}

// Column implements [Dialect].
func (d MySQL) Column(column string, kind Kind) string { return d.Select(column, kind) }

// Contains implements [Dialect]. The collation of the column decides, which is a
// binary one.
func (MySQL) Contains(column, parameter string) string {
	return "LOCATE(" + parameter + ", t." + column + ") > 0"
}

// Data implements [Dialect].
func (MySQL) Data(path []string, add func(text string) string) string {
	p := jsonPath(path)
	return "CASE WHEN JSON_TYPE(JSON_EXTRACT(t.data, " + add(p) + ")) NOT IN ('OBJECT', 'ARRAY', 'NULL')" +
		" THEN JSON_UNQUOTE(JSON_EXTRACT(t.data, " + add(p) + ")) COLLATE utf8mb4_bin END"
}

// Interval implements [Dialect].
func (MySQL) Interval(i Interval) string {
	switch i {
	case Hour:
		return "LEFT(CAST(t.action_time AS CHAR), 13)"
	case Week:
		return "CAST(DATE_SUB(DATE(t.action_time), INTERVAL WEEKDAY(t.action_time) DAY) AS CHAR)"
	case Month:
		return "CONCAT(LEFT(CAST(t.action_time AS CHAR), 7), '-01')"
	}
	return "LEFT(CAST(t.action_time AS CHAR), 10)"
}

// Sum implements [Dialect].
func (MySQL) Sum(expression string) string {
	return "CAST(COALESCE(SUM(" + expression + "), 0) AS SIGNED)"
}

// Now implements [Dialect].
func (MySQL) Now() string { return "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)" }
