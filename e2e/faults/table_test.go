package faults_test

import (
	"os"
	"testing"

	"github.com/otelactivity/activitylog/e2e/internal/outcome"
)

// Where a fault is, in the order of the table.
const (
	atService  = "service"
	atDoor     = "door"
	inQueue    = "queue"
	inDatabase = "database"
	atStart    = "start"
)

var table = &outcome.Table{
	Target:   "test-faults",
	Variable: "ACTIVITYLOG_FAULTS",
	Head:     []string{"where", "fault"},
	Places:   []string{atService, atDoor, inQueue, inDatabase, atStart},
	Short:    inMakeTest,
}

// inMakeTest run in make test too: each of them lost, hid or falsified records, or
// ended the collector, before this project had the tests. TestFlood is the only test of what
// a sender above its limit is answered.
var inMakeTest = []string{
	"TestServiceToRow/HTTP_from_disk",
	"TestServiceToRow/gRPC_from_memory",
	"TestRefusedRowsHoldNobodyUp",
	"TestForgedIDs",
	"TestHostile/small_gzip_with_33_million_records",
	"TestHostile/a_million_levels",
	"TestQueueDiskFull",
	"TestQueueFileDamaged/eight_bits",
	"TestPostgresFailover/killed",
	"TestRetention/clock_that_was_ahead",
	"TestFlood",
}

// fault begins a test of one fault, and skips it unless all faults are made or it
// is one of the worst.
func fault(t *testing.T, place, name string) *outcome.Line {
	t.Helper()
	return table.Begin(t, place, name)
}

// TestMain writes the table to the file that ACTIVITYLOG_FAULTS_TABLE names.
func TestMain(m *testing.M) { os.Exit(table.Run(m)) }
