package activitylogexporter

import (
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/rowtest"
)

// BenchmarkConvert is what becomes of records before the database sees them.
func BenchmarkConvert(b *testing.B) {
	ld := rowtest.Logs(dialecttest.Rows(batchRows))
	b.ReportAllocs()
	var c convert.Converter
	for b.Loop() {
		c.Release(c.Logs(ld))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batchRows, "ns/row")
}
