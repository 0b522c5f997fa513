package main

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// String is the table, and what comes first to its limit.
func (n *needs) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s activities a second, %g times as many at the peak, kept for %g days: %s rows\n\n", count(n.rate), n.peak, n.days, count(n.rows))
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) } // to a strings.Builder
	row("stage\tcores at the peak\tdisk\tbeside that\n")
	row("services, all together\t%.2f\t\t\n", n.serviceCores)
	row("%g collectors\t%.2f\t%s\tthe queues, for %s without the database; %s/s in, %s/s with gzip\n",
		n.collectors, n.collectorCores, size(n.collectors*n.queue), n.outage, size(n.network), size(n.packed))
	row("PostgreSQL\t%.2f\t%s\tof that %s indexes; write-ahead log %s/s\n", n.postgresCores, size(n.table+n.indexes), size(n.indexes), size(n.wal))
	row("or ClickHouse\t%.2f\t%s\t\n", n.clickhouseCores, size(n.clickhouse))
	_ = w.Flush()
	if n.queue > defaultQueue {
		fmt.Fprintf(&b, "\nset queue::max_bytes of each collector to %.0f (%s): the default is %s\n", math.Ceil(n.queue), size(n.queue), size(defaultQueue))
	}
	fmt.Fprintf(&b, "\na month, with two copies of the database: %.0f with PostgreSQL, %.0f with ClickHouse\n\n%s\n",
		n.month(n.postgresCores, n.table+n.indexes), n.month(n.clickhouseCores, n.clickhouse), n.advice())
	return b.String()
}

// What one PostgreSQL was run with here, and what we would not go beyond without trying it.
const (
	triedRows  = 20e6 // rows of the tables in docs/performance.md
	triedCores = 2
	manyRows   = 500e6
	manyBytes  = 2e12
)

// advice says which engine the numbers are for, and what of that was not tried.
func (n *needs) advice() string {
	disk := n.table + n.indexes
	switch {
	case n.postgresCores > 16 || disk > 10*manyBytes:
		return "Use ClickHouse, with shards if one machine is too small: one PostgreSQL would need more cores or disk than one server has.\n" + notTried
	case n.rows > manyRows || disk > manyBytes:
		return "Use PostgreSQL with partition: month, or ClickHouse: a table of this size takes long to vacuum and to index again.\n" + notTried
	case n.rows > triedRows || n.postgresCores > triedCores:
		return "One PostgreSQL will do. If you delete by age, partition: month makes that free.\n" + notTried
	}
	return "One PostgreSQL will do, and one collector; the second one is for updates and broken machines."
}

// defaultQueue is max_bytes of the queue in collector-config.yaml.
const defaultQueue = 2 << 30

const notTried = "We measured one record on 2 cores, and tables of 20 million rows. What is above that is multiplied, not tried."

// count writes a number with a unit that people read.
func count(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, " trillion"}, {1e9, " billion"}, {1e6, " million"}} {
		if n >= unit.size {
			return fmt.Sprintf("%.3g%s", n/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.6g", n)
}

// size writes bytes in the largest decimal unit.
func size(bytes float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	i := 0
	for ; bytes >= 1000 && i < len(units)-1; i++ {
		bytes /= 1000
	}
	return fmt.Sprintf("%.3g %s", bytes, units[i])
}
