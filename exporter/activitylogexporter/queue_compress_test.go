package activitylogexporter

import (
	"bytes"
	"crypto/rand"
	"testing"

	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
)

// TestQueueOnDiskIsCompressed checks that a value comes back as it was, however
// it went in, and that activities are small on the disk.
func TestQueueOnDiskIsCompressed(t *testing.T) {
	activities, err := new(plog.ProtoMarshaler).MarshalLogs(telemetry450(dialecttest.Rows(1000)))
	if err != nil {
		t.Fatal(err)
	}
	random := make([]byte, 100_000)
	rand.Read(random)
	d := &disk{data: map[string][]byte{"before": activities}, writes: -1} // as an older version left it
	c := compressingClient{&diskClient{d}}
	for key, value := range map[string][]byte{"activities": activities, "random": random, "small": []byte("qmv0"), "empty": {}} {
		if err := c.Batch(t.Context(), storage.SetOperation(key, value), storage.SetOperation(key+" too", value)); err != nil {
			t.Fatal(err)
		}
		if err := c.Set(t.Context(), key+" alone", value); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{key, key + " too", key + " alone"} {
			expect(t, c, key, value)
		}
	}
	expect(t, c, "before", activities)
	if on, in := len(d.data["activities"]), len(activities); on > in/3 {
		t.Errorf("%d bytes of activities take %d on the disk, want a third at most", in, on)
	}
	if got := d.data["small"]; string(got) != "qmv0" {
		t.Errorf("a small value is %q on the disk, want it as it is", got)
	}
	d.data["broken"] = []byte(compressed + "\xff\xff\xff")
	if _, err := c.Get(t.Context(), "broken"); err == nil {
		t.Error("a broken value is no error")
	}
}

// expect reads a value in both ways.
func expect(t *testing.T, c storage.Client, key string, want []byte) {
	t.Helper()
	get := storage.GetOperation(key)
	if err := c.Batch(t.Context(), get); err != nil {
		t.Fatal(err)
	}
	alone, err := c.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(get.Value, want) || !bytes.Equal(alone, want) {
		t.Errorf("%s: got %d and %d bytes that are not the %d that went in", key, len(get.Value), len(alone), len(want))
	}
}
