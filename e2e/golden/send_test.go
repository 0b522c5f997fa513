package golden_test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/rows"
)

const (
	arrivalTime = 30 * time.Second // that all rows have to arrive
	quietTime   = time.Second      // that a row too many has to show up
	updateTime  = 3 * time.Second  // that rows have with -update, when nobody knows how many come
)

// send sends an OTLP/JSON request. signal is "traces" or "logs".
func (c *collector) send(t *testing.T, signal string, request []byte) {
	t.Helper()
	res, err := http.Post("http://"+c.HTTP+"/v1/"+signal, "application/json", bytes.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || strings.Contains(string(answer), "rejected") {
		t.Fatalf("the collector answers %s %s (%v)", res.Status, answer, err)
	}
}

// awaitRows waits until the collector's exporter has handed that many records to
// the database since it started, and then for one that should not come. It
// returns all rows.
func (c *collector) awaitRows(t *testing.T, records int) []rows.Row {
	t.Helper()
	if *update { // how many it will be is what we want to know
		time.Sleep(updateTime)
	}
	deadline := time.Now().Add(arrivalTime)
	for !*update && c.written(t) < records {
		if time.Now().After(deadline) {
			t.Errorf("the exporter wrote %d records within %v, want %d", c.written(t), arrivalTime, records)
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(quietTime)
	all, err := rows.Read(t.Context(), c.db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// written is how many spans and log records the exporter has handed to the
// database, those among them that were rows already.
func (c *collector) written(t *testing.T) (n int) {
	t.Helper()
	metrics, err := c.ReadMetrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(metrics) {
		if !strings.HasPrefix(line, "otelcol_exporter_activitylog_queue_stored") {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 64)
		if err != nil {
			t.Fatalf("read metric %s: %v", line, err)
		}
		n += int(value)
	}
	return n
}
