// Package scale_test runs what comes after one collector and one database: several collectors
// behind one address, Kafka between collectors, databases that fail over. Each test is a line of
// the table in docs/operate/scale.md. make test-scale sends a million records in each; without it
// they are a few thousand.
package scale_test

import (
	"os"
	"testing"

	"github.com/otelactivity/activitylog/e2e/internal/broker"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
)

// The configurations, in the order of the table.
const (
	oneCollector  = "one collector"
	behindAddress = "collectors behind one address"
	throughKafka  = "agents, Kafka, writers"
	failingOver   = "a failing-over database"
)

var table = &outcome.Table{
	Target:   "test-scale",
	Variable: "ACTIVITYLOG_SCALE",
	Head:     []string{"configuration", "what happens"},
	Places:   []string{oneCollector, behindAddress, throughKafka, failingOver},
	Distinct: true,
}

// TestMain writes the table to the file that ACTIVITYLOG_SCALE_TABLE names.
func TestMain(m *testing.M) {
	broker.Main()
	os.Exit(table.Run(m))
}

// begin begins a line of the table. In the short form tests run beside each other, since they mostly wait.
func begin(t *testing.T, configuration, event string) *outcome.Line {
	t.Helper()
	line := table.Begin(t, configuration, event)
	beside(t)
	return line
}

// beside lets a test run beside others in the short form.
func beside(t *testing.T) {
	t.Helper()
	if !table.Full() {
		t.Parallel()
	}
}

// records returns how many records a test sends: short in make test, a million in make test-scale.
func records(short int) int {
	if table.Full() {
		return 1_000_000
	}
	return short
}

// bulk returns senders of so many records (a multiple of 2,000).
func bulk(records int, send load.Send) *load.Bulk {
	return &load.Bulk{Records: records, Request: min(2000, records/200), Senders: 4, Send: send}
}

// pace is a number of records a second with which so many records take long enough for collectors to be
// restarted meanwhile: 4 s in the short form, 25 s in the long one.
func pace(records int) int { return max(records/25, min(records/4, 40_000)) }
