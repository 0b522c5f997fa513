package main

import (
	"fmt"
	"math"
	"time"
)

// plan is what somebody wants to record.
type plan struct {
	rate, peak         float64 // activities a second, and how many times as many at the busiest time
	days               float64
	outage             time.Duration
	busy, cores        float64
	coreMonth, gbMonth float64
}

// check says which setting is wrong.
func (p *plan) check() error {
	for _, f := range []struct {
		name        string
		value       float64
		least, most float64
	}{
		{"rate", p.rate, 0.001, 1e7}, {"peak", p.peak, 1, 1000}, {"days", p.days, 1, 36500}, {"busy", p.busy, 0.05, 1},
		{"cores", p.cores, 1, 1024}, {"core-month", p.coreMonth, 0, 1e6}, {"gb-month", p.gbMonth, 0, 1e6},
		{"outage", p.outage.Hours(), 0, 8760},
	} {
		if !(f.value >= f.least && f.value <= f.most) { // also of NaN
			return fmt.Errorf("-%s must be from %v to %v; got %v", f.name, f.least, f.most, f.value)
		}
	}
	return nil
}

// needs is what a plan needs. Sizes are in bytes, rates in bytes a second.
type needs struct {
	plan
	rows                               float64 // in the table, in the end
	serviceCores                       float64 // of all services together, at the busiest time
	collectorCores, collectors         float64
	network, packed                    float64
	queue                              float64 // of each collector
	postgresCores, wal, table, indexes float64
	clickhouseCores, clickhouse        float64
}

// needs reckons.
func (p *plan) needs(c costs) *needs {
	const second, day = 1e6, 86_400 // µs, s
	most := p.rate * p.peak
	n := &needs{plan: *p, rows: p.rate * day * p.days}
	n.serviceCores = most * c["service"] / second
	n.collectorCores = most * c["collector"] / second / p.busy
	n.collectors = math.Max(2, math.Ceil(n.collectorCores/p.cores))
	n.network, n.packed = most*c["wire"], most*c["gzip"]
	n.queue = most * p.outage.Seconds() * c["queue"] / n.collectors
	n.postgresCores = most * c["postgres"] / second / p.busy
	n.wal = most * c["wal"]
	n.table, n.indexes = n.rows*c["table"], n.rows*c.indexes()
	n.clickhouseCores = most * c["clickhouse_core"] / second / p.busy
	n.clickhouse = n.rows * c["clickhouse"]
	return n
}

// month is the price of a month, with the collectors and one of the databases: a second copy of it
// counts too, and each machine has whole cores.
func (n *needs) month(cores, disk float64) float64 {
	const copies = 2
	allCores := n.collectors*math.Ceil(n.collectorCores/n.collectors) + copies*math.Ceil(cores)
	allDisk := n.collectors*n.queue + copies*disk
	return n.coreMonth*allCores + n.gbMonth*allDisk/1e9
}
