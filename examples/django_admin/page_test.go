package django_admin_test

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// page is what the browser shows.
type page struct {
	t    *testing.T
	ctx  context.Context
	list string
}

func (p page) do(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// open shows a page below the list of activities.
func (p page) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.list+path), chromedp.WaitVisible("#changelist"))
}

// rows checks how many activities the list has.
func (p page) rows(want int, why string) {
	p.t.Helper()
	if n := p.count("#result_list tbody tr"); n != want {
		p.t.Errorf("%s: %d activities are shown, want %d", why, n, want)
	}
}

func (p page) count(selector string) (n int) {
	p.t.Helper()
	p.do(chromedp.Evaluate("document.querySelectorAll(`"+selector+"`).length", &n))
	return n
}

func (p page) has(selector string, texts ...string) {
	p.t.Helper()
	var shown string
	p.do(chromedp.Text(selector, &shown, chromedp.ByQuery))
	for _, want := range texts {
		if !strings.Contains(shown, want) {
			p.t.Errorf("%s does not show %q:\n%s", selector, want, shown)
		}
	}
}

// leadsTo checks where a link leads.
func (p page) leadsTo(selector, want string) {
	p.t.Helper()
	var address string
	p.do(chromedp.AttributeValue(selector, "href", &address, nil, chromedp.ByQuery))
	if address != want {
		p.t.Errorf("%s leads to %s, want %s", selector, address, want)
	}
}

// readOnly checks that there is nothing to change activities with.
func (p page) readOnly() {
	p.t.Helper()
	const changing = ".addlink, .deletelink, [type=submit]:not([value=Search]), [name=action], #content textarea, #content form :not(#searchbar)[type=text]"
	if n := p.count(changing); n != 0 {
		p.t.Errorf("there are %d buttons and fields to change activities with", n)
	}
}

// screenshot keeps the whole page.
func (p page) screenshot(file string) {
	p.t.Helper()
	var image []byte
	p.do(chromedp.FullScreenshot(&image, 100)) // 100 is PNG
	picture, err := png.Decode(bytes.NewReader(image))
	if err != nil || picture.Bounds().Dx() < 1000 || len(image) < 10_000 || len(image) > 200_000 {
		p.t.Errorf("%s is not a picture of the page, or too large: %d bytes, %v", file, len(image), err)
	}
	if err := os.WriteFile(file, image, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
