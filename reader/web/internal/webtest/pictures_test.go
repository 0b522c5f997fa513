package webtest_test

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/otelactivity/activitylog/reader/web"
)

var update = flag.Bool("update", false, "write the pictures into docs/images")

// inDocs are the pictures that docs/images has.
var inDocs = map[string]bool{"list": true, "activity": true, "counts": true}

// TestPictures takes the pictures of docs/audit/page.md.
func TestPictures(t *testing.T) {
	db := sqlite(t)
	rows := story(time.Now(), 600)
	db.write(t, rows...)
	b := browse(t, serve(t, db.reader(t), web.WithTraceURL("http://localhost:16686/trace/{trace_id}")))
	changed := ""
	for _, r := range sorted(rows, true) {
		if r.ActionType == "Update" {
			changed = r.EventID.String()
			break
		}
	}
	folder := t.TempDir()
	if *update {
		folder = "../../../../docs/images"
	}
	if other := os.Getenv("ACTIVITYLOG_PICTURES"); other != "" {
		folder = other
	}
	for _, p := range []struct {
		name, path    string
		width, height int64
		scheme        string
	}{
		{"list", "?limit=20", 1280, 900, "light"},
		{"activity", "activities/" + changed, 1280, 900, "light"},
		{"object", "object?object_type=article&object_id=17&limit=20&action_type=Update", 1280, 900, "light"},
		{"logins", "failed-logins?limit=20", 1280, 900, "light"},
		{"counts", "counts", 1280, 900, "dark"},
		{"actor", "actor?actor_id=42&limit=20", 1280, 900, "dark"},
		{"narrow", "?limit=20", 390, 844, "light"},
		{"narrow-activity", "activities/" + changed, 390, 844, "dark"},
		{"narrow-object", "object?object_type=article&object_id=17&action_type=Update", 390, 844, "light"},
		{"narrow-counts", "counts", 390, 844, "light"},
		{"problem", "?from=yesterday&limit=0&colour=red", 1280, 600, "light"},
	} {
		b.window(p.width, p.height, p.scheme)
		b.open(p.path)
		var image []byte
		b.do(chromedp.CaptureScreenshot(&image))
		picture, err := png.Decode(bytes.NewReader(image))
		if err != nil || picture.Bounds().Dx() != int(p.width) || len(image) < 10_000 || len(image) > 300_000 {
			t.Errorf("page-%s.png is not a picture of the page, or too large: %d bytes, %v", p.name, len(image), err)
		}
		if *update && !inDocs[p.name] {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, "page-"+p.name+".png"), image, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
