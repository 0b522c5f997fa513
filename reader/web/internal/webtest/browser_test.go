package webtest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/web"
)

// browseTime is how long a browser may take.
const browseTime = 5 * time.Minute

// prefix is where the handler is in these tests.
const prefix = "/audit"

// serve serves the handler below a prefix, and returns its root.
func serve(t *testing.T, r *reader.Reader, options ...web.Option) string {
	t.Helper()
	h, err := web.NewHandler(r, options...)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, h))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + prefix + "/"
}

// browser is a tab of Chromium.
type browser struct {
	t    *testing.T
	ctx  context.Context
	root string // of the handler
}

func browse(t *testing.T, root string) browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		testserver.Missing(t, "Chromium is not installed (sh scripts/browser.sh)")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.WindowSize(1400, 900), chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, browseTime)
	t.Cleanup(cancel)
	return browser{t, ctx, root}
}

func (b browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open shows a page, by its path below the root.
func (b browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.root+path), chromedp.WaitReady("#main"))
}

// click follows a link or presses a button, and waits for the page.
func (b browser) click(selector string) {
	b.t.Helper()
	response, err := chromedp.RunResponse(b.ctx, chromedp.Click(selector, chromedp.ByQuery))
	if err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
	if response.Status != http.StatusOK {
		b.t.Fatalf("click %s: %s answers %d", selector, response.URL, response.Status)
	}
	b.do(chromedp.WaitReady("#main"))
}

// eval returns what an expression of JavaScript is. It runs although the page's policy
// forbids scripts.
func eval[T any](b browser, expression string) (value T) {
	b.t.Helper()
	b.do(chromedp.Evaluate(expression, &value))
	return value
}

// ids are the activities that the page shows, in order.
func (b browser) ids() []string {
	b.t.Helper()
	return eval[[]string](b, `Array.from(document.querySelectorAll('[id^="a-"]'), e => e.id.slice(2))`)
}

func (b browser) text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(eval[string](b, `document.querySelector("`+selector+`").textContent`))
}

// window sets the size of the window, in pixels, and the colours that the page should have.
func (b browser) window(width, height int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

// awaitPromise has an expression waited for.
func awaitPromise(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
