package dialect

// LateIndexer is a [Partitioner] that can make two indexes of a partition when its time is
// over, because they slow down writing most: those of actors and of traces
// (docs/adr/0031-late-indexes.md). Then the table itself does not have these indexes, or
// else each new partition would get them.
type LateIndexer interface {
	Partitioner
	Locker

	// Late reports whether the table is to have late indexes. A table that has them keeps
	// them in any case.
	Late() bool

	// LateLock is like [Locker.Lock], for the one who makes late indexes. The transaction
	// must not have a snapshot, so it must be "read committed".
	LateLock(table string) (lock string)

	// LateStates is a query for the late indexes of each partition: see [LateIndex.Fields].
	LateStates(table string) string

	// BuildLate makes the index of a partition, and DropLate drops one, which may be
	// unfinished. Writers and readers go on meanwhile. Neither can run in a transaction.
	BuildLate(table string, index LateIndex) string
	DropLate(table string, index LateIndex) string

	// DropWhole returns the statements, for one transaction, that drop the index of the
	// table and of all partitions. The late indexes of partitions stay.
	DropWhole(table, kind string) []string

	// BeginWhole returns the statements that begin to make the index of the table again. It
	// is whole when AddWhole, for one transaction each, has added those of all partitions.
	BeginWhole(table, kind string) []string
	AddWhole(table string, index LateIndex) []string

	// FreeName returns the statements, for one transaction, that give another name to the
	// part whose name the late index gets: see [LateIndex.Taken].
	FreeName(table string, index LateIndex) []string
}

// LateIndex is what a partition has of one late index.
type LateIndex struct {
	Partition string
	Default   bool   // it is the default partition, which gets the index at once
	End       int64  // of the partition, in microseconds of Unix time; the largest number if it has none
	Kind      string // "actor" or "trace"
	Name      string // that a new index gets

	Own      string // the name of a finished index that is not a part of one of the table; "" without one
	Broken   bool   // there is an unfinished one of the name Name
	Building bool   // somebody makes an index of the partition at this moment
	Part     bool   // the partition has a part of the table's index
	Taken    bool   // that part has the name Name: a late index that the table's index took in
	Whole    bool   // the table has the index; it may lack parts
}

// Fields are where a row of [LateIndexer.LateStates] goes.
func (l *LateIndex) Fields() []any {
	return []any{&l.Partition, &l.Default, &l.End, &l.Kind, &l.Name, &l.Own, &l.Broken, &l.Building, &l.Part, &l.Taken, &l.Whole}
}

var _ LateIndexer = Postgres{}

// lateColumns are the late indexes: their kinds, and what they are made of, as the
// server says it.
var lateColumns = []struct{ kind, columns string }{
	{"actor", "btree (actor_id, action_time)"},
	{"trace", "hash (trace_id)"},
}

func lateColumnsOf(kind string) string {
	for _, late := range lateColumns {
		if late.kind == kind {
			return late.columns
		}
	}
	return ""
}

// lateNames returns the placeholders of the migrations for late indexes: on what they are
// made, and their names. With late indexes a new table has them on its default partition
// alone.
func (p Postgres) lateNames(table string) (pairs []string) {
	on := table
	if p.Late() {
		on += "_default"
	}
	pairs = []string{"{{late}}", Quote(on)}
	for _, late := range lateColumns {
		name := unqualified(on) + "_" + late.kind
		if !p.Late() {
			name += "_idx"
		}
		pairs = append(pairs, "{{late_"+late.kind+"}}", name)
	}
	return pairs
}

// Late implements [LateIndexer].
func (p Postgres) Late() bool { return p.LateIndexes && p.partitioned() }

// LateLock implements [LateIndexer].
func (Postgres) LateLock(table string) (lock string) {
	return "SELECT pg_try_advisory_xact_lock(hashtextextended('activitylog late indexes of " + table + "', 0))"
}

// LateStates implements [LateIndexer]. An index is known by its columns, so one that the
// owner of the table made counts, too. The catalogs are read as they were at one moment:
// pg_get_indexdef fails, and pg_get_expr is NULL, for what is dropped meanwhile.
func (Postgres) LateStates(table string) string {
	kinds := ""
	for i, late := range lateColumns {
		if i > 0 {
			kinds += ", "
		}
		kinds += "('" + late.kind + "', '" + late.columns + "', to_regclass('" + whole(table, late.kind) + "') IS NOT NULL)"
	}
	return `SELECT p.name, p.is_default, coalesce(p.until, 9223372036854775807), late.kind, p.short || '_' || late.kind,
			coalesce(min(x.name) FILTER (WHERE x.indisvalid AND NOT x.part), ''),
			coalesce(bool_or(NOT x.indisvalid AND NOT x.part AND x.name = p.short || '_' || late.kind), false),
			EXISTS (SELECT FROM pg_stat_progress_create_index AS building WHERE building.relid = p.oid AND building.datname = current_database()),
			coalesce(bool_or(x.part), false), coalesce(bool_or(x.part AND x.name = p.short || '_' || late.kind), false), late.whole
		FROM (
			SELECT c.oid, c.relname::text AS name, left(c.relname::text, 56) AS short, pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' AS is_default,
				` + bound("TO") + ` AS until
			FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
			WHERE i.inhparent = '` + Quote(table) + `'::regclass AND c.relkind = 'r' AND pg_get_expr(c.relpartbound, c.oid) IS NOT NULL
		) AS p
		CROSS JOIN (VALUES ` + kinds + `) AS late (kind, columns, whole)
		LEFT JOIN LATERAL (
			SELECT n.relname::text AS name, x.indisvalid, EXISTS (SELECT FROM pg_inherits WHERE inhrelid = n.oid) AS part
			FROM pg_index AS x JOIN pg_class AS n ON n.oid = x.indexrelid JOIN pg_am AS m ON m.oid = n.relam
			WHERE x.indrelid = p.oid AND x.indpred IS NULL AND late.columns = m.amname || ' (' || (
				SELECT string_agg(a.attname, ', ' ORDER BY k.nth)
				FROM unnest(x.indkey::int2[], x.indclass::oid[], x.indcollation::oid[], x.indoption::int2[]) WITH ORDINALITY AS k (attnum, class, coll, opt, nth)
				JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.attnum JOIN pg_opclass AS o ON o.oid = k.class
				WHERE o.opcdefault AND k.coll = a.attcollation AND k.opt = 0
				HAVING count(*) = x.indnkeyatts -- no expression or other order between them
			) || ')'
		) AS x ON true
		GROUP BY p.oid, p.name, p.short, p.is_default, p.until, late.kind, late.whole
		ORDER BY p.is_default, p.until DESC, late.kind`
}

// whole returns the quoted name of the index of a table.
func whole(table, kind string) string { return Quote(table + "_" + kind + "_idx") }

// beside returns the quoted name of something in the schema of a table.
func beside(table, name string) string {
	return Quote(table[:len(table)-len(unqualified(table))] + name)
}

// BuildLate implements [LateIndexer].
func (Postgres) BuildLate(table string, index LateIndex) string {
	return "CREATE INDEX CONCURRENTLY " + Quote(index.Name) + " ON " + beside(table, index.Partition) + " USING " + lateColumnsOf(index.Kind)
}

// DropLate implements [LateIndexer].
func (Postgres) DropLate(table string, index LateIndex) string {
	return "DROP INDEX CONCURRENTLY IF EXISTS " + beside(table, index.Name)
}

// DropWhole implements [LateIndexer].
func (Postgres) DropWhole(table, kind string) []string {
	return []string{lockTimeout, "DROP INDEX IF EXISTS " + whole(table, kind)}
}

// BeginWhole implements [LateIndexer].
func (Postgres) BeginWhole(table, kind string) []string {
	return []string{lockTimeout, "CREATE INDEX IF NOT EXISTS " + Quote(unqualified(table)+"_"+kind+"_idx") + " ON ONLY " + Quote(table) + " USING " + lateColumnsOf(kind)}
}

// AddWhole implements [LateIndexer]. The index gets another name, so that a late one can be
// made beside it.
func (Postgres) AddWhole(table string, index LateIndex) []string {
	statements := []string{lockTimeout, "ALTER INDEX " + whole(table, index.Kind) + " ATTACH PARTITION " + beside(table, index.Own)}
	if index.Own == index.Name {
		statements = append(statements, rename(table, index))
	}
	return statements
}

// FreeName implements [LateIndexer]. A part cannot be taken out of the index of the table
// again, so it gets the name that it has in [Postgres.AddWhole].
func (Postgres) FreeName(table string, index LateIndex) []string {
	return []string{lockTimeout, rename(table, index)}
}

func rename(table string, index LateIndex) string {
	return "ALTER INDEX " + beside(table, index.Name) + " RENAME TO " + Quote(index.Name+"2")
}
