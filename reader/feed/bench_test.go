package feed

import (
	"net/http/httptest"
	"testing"

	"github.com/otelactivity/activitylog/reader"
)

// BenchmarkFormats measures a page of 50 rows with all columns, without a database.
func BenchmarkFormats(b *testing.B) {
	var rows []reader.Row
	for range 50 {
		rows = append(rows, canary())
	}
	h, err := newHandler(&fake{rows: rows}, WithScope(acme), WithColumns(allColumns()...), WithData("changes", "shown"))
	if err != nil {
		b.Fatal(err)
	}
	for _, format := range []string{"json", "csv", "html"} {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", "/?format="+format, nil))
				if w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
