package main

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/blogtest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestDemo runs what "make demo" runs: it is the first thing that a newcomer sees.
func TestDemo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addr := testserver.FreeAddr(t)
	looked := make(chan string, 1)
	go func() {
		defer cancel() // which ends the demo
		looked <- look(ctx, "http://"+addr+"/")
	}()
	err := run(ctx, options{
		serve:     addr,
		collector: collectortest.Binary(t),
		config:    filepath.Join(collectortest.Root(t), "collector-config.yaml"),
		blog:      blogtest.Build(t),
		dir:       t.TempDir(),
	})
	if err != nil {
		t.Error(err)
	}
	cancel()
	if page := <-looked; !strings.Contains(page, "A mad tea party") || !strings.Contains(page, "<html") {
		t.Errorf("the page with the rows is %.2000s", page)
	}
}

// look returns a page, once there is one.
func look(ctx context.Context, url string) string {
	for ctx.Err() == nil {
		if res, err := http.Get(url); err == nil {
			defer res.Body.Close()
			text, _ := io.ReadAll(res.Body)
			return string(text)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "not there"
}
