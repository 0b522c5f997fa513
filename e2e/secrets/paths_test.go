package secrets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestSecretsInPaths sends requests for paths with a secret in them, by the names that
// several instrumentations give to a path, and looks for the secrets in rows, in the
// collector's log and in the spans that it passes on. Paths that only look like them stay
// readable.
func TestSecretsInPaths(t *testing.T) {
	text, err := os.ReadFile("../../activity/route/testdata/secrets.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var spans otlpjson.List
	var secrets []string // each with what stands before it in its segment
	var readable [][2]string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		pattern, marked, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		before, rest, ok := strings.Cut(marked, "<")
		secret, after, _ := strings.Cut(rest, ">")
		if path := before + secret + after; ok {
			secrets = append(secrets, before[strings.LastIndexByte(before, '/'):]+secret)
			spans = append(spans, pathSpan(len(spans), pattern, path))
		} else {
			readable = append(readable, [2]string{pattern, path})
		}
	}
	if len(secrets) < 140 || len(readable) < 50 {
		t.Fatalf("there are %d paths with and %d without a secret, want 140 and 50 or more", len(secrets), len(readable))
	}
	sent := len(secrets)
	for _, r := range readable {
		spans = append(spans, pathSpan(len(spans), r[0], r[1]))
	}
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: []string{"--config=" + config}})
	if err := otlpjson.Post(t.Context(), c.HTTP, "traces", otlpjson.Traces(spans...)); err != nil {
		t.Fatal(err)
	}
	all := awaitRows(t, dsn, len(spans))
	c.Stop()
	printed, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	log := []byte(c.Log())
	if !bytes.Contains(log, []byte("Span #0")) {
		t.Fatal("the collector's log has no spans: nothing would be found in it")
	}
	for _, secret := range secrets {
		for where, text := range map[string][]byte{"the collector's log": log, "the rows": printed} {
			if i := bytes.Index(text, []byte(secret)); i >= 0 {
				t.Errorf("%s is in %s: %s", secret, where, text[max(0, i-100):min(len(text), i+len(secret)+20)])
			}
		}
	}
	for _, row := range all {
		i, err := strconv.ParseInt(row["trace_id"], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		i -= firstTrace
		if i < int64(sent) {
			continue
		}
		text, request := row["action_name"]+" "+row["object_id"], readable[i-int64(sent)]
		if found := digest.FindString(text); found != "" && !strings.Contains(request[1], found) {
			t.Errorf("%q: there is a digest in %q", request, text)
		}
	}
}

// digest stands for a secret.
var digest = regexp.MustCompile(`sha256:[0-9a-f]{16}\b`)

// firstTrace is the first of the ids of traces.
const firstTrace = 0x7000

// pathSpan is a request by a known user. Spans name its path in turn by the current and by
// the old convention, and quote it elsewhere.
func pathSpan(i int, pattern, path string) otlpjson.Object {
	now := fmt.Sprint(time.Now().UnixNano())
	attributes := otlpjson.List{
		otlpjson.Text("user.id", "42"), otlpjson.Text("http.request.method", "PUT"), otlpjson.Number("http.response.status_code", 200),
		otlpjson.Text("http.request.header.referer", "https://shop.example"+path),
	}
	if pattern != "" {
		attributes = append(attributes, otlpjson.Text("http.route", pattern))
	}
	switch i % 3 {
	case 0:
		attributes = append(attributes, otlpjson.Text("url.path", path))
	case 1:
		attributes = append(attributes, otlpjson.Text("http.target", path+"?page=1"), otlpjson.Text("http.url", "https://shop.example"+path))
	case 2:
		attributes = append(attributes, otlpjson.Text("url.full", "https://shop.example:8443"+path+"#top"))
	}
	return otlpjson.Object{
		"traceId": fmt.Sprintf("%032x", i+firstTrace), "spanId": fmt.Sprintf("%016x", i+firstTrace), "kind": 2, "name": "PUT " + path,
		"startTimeUnixNano": now, "endTimeUnixNano": now, "attributes": attributes,
		"status": otlpjson.Object{"code": 2, "message": "cannot put " + path},
	}
}
