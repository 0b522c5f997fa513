package instrument_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// contextPrinter prints the contexts that records come with.
type contextPrinter struct {
	discardRecords
	text string
}

func (*contextPrinter) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

func (p *contextPrinter) OnEmit(ctx context.Context, _ *sdklog.Record) error {
	p.text = fmt.Sprintf("%v", ctx)
	return nil
}

// TestContextAsText is about services that print a context, as mocks do with each argument. It
// must tell nothing of the activity, which goes on changing.
func TestContextAsText(t *testing.T) {
	_, opts := newRecorded(t)
	printer := &contextPrinter{}
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(printer))
	t.Cleanup(func() { _ = lp.Shutdown(context.Background()) })
	var text string
	var wg sync.WaitGroup
	h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		current := instrument.FromContext(ctx)
		current.SetRemarks("nobody's business")
		wg.Go(func() { text = fmt.Sprintf("%v", ctx) })
		current.SetObject(activity.Object{ID: "17"})
	}), "test", append(opts, instrument.WithActor(asAlice), instrument.WithLoggerProvider(lp))...)
	serve(h, http.MethodPut, "/articles/17")
	wg.Wait()
	for _, printed := range []string{text, printer.text} {
		if !strings.HasPrefix(printed, "instrument.") || strings.Contains(printed, "business") {
			t.Errorf("a context is printed as %q", printed)
		}
	}
}
