package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed templates assets
var files embed.FS

// pages are the templates of all pages.
var pages = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range []string{"list", "activity", "actor", "object", "logins", "counts", "problem"} {
		all[name] = template.Must(template.New(name).ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/"+name+".html"))
	}
	return all
}()

// asset is a file for browsers.
type asset struct {
	media string
	body  []byte
}

var assets = func() map[string]asset {
	all := map[string]asset{}
	for name, media := range map[string]string{"assets/style.css": "text/css; charset=utf-8", "assets/icon.svg": "image/svg+xml"} {
		body, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		all[name] = asset{media, body}
	}
	return all
}()

// version changes when an asset does, so that browsers do not use an old one.
var version = func() string {
	sum := sha256.Sum256(append(slices.Clone(assets["assets/style.css"].body), assets["assets/icon.svg"].body...))
	return hex.EncodeToString(sum[:6])
}()

func (h *Handler) serveAsset(w http.ResponseWriter, r *http.Request, path string) {
	file, ok := assets[path]
	if !ok {
		h.failPage(w, r, &problem{Status: http.StatusNotFound, Detail: "There is no such file."})
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	send(w, r, file.media, file.body)
}

// page is what a template shows. Content depends on the template.
type page struct {
	Base    links // leads to the root, from the page
	Title   string
	Section string // of the navigation
	Version string // of the assets
	JSON    string // the address of the same in the API
	Content any
}

// view makes a page.
type view struct {
	template   string
	kind       Kind
	parameters []parameter
	make       func(context.Context, *Handler, *asked) error
}

// asked is a request for a page, and what is shown.
type asked struct {
	request
	values url.Values // those of the URL
	id     string     // of an activity
	base   links
	page   page

	implied string // the parameter last that a page has if no time is given

	view View
}

// views are the pages, by their paths.
var views = map[string]view{
	"":              {"list", KindList, slices.Concat(filters, paging), makeList},
	"activities/":   {"activity", KindActivity, nil, makeActivity},
	"actor":         {"actor", KindActor, slices.Concat(filters, paging), makeActor},
	"object":        {"object", KindHistory, slices.Concat(filters, paging, []parameter{parts}), makeObject},
	"failed-logins": {"logins", KindFailedLogins, slices.Concat(loginFilters, paging), makeLogins},
	"counts":        {"counts", KindCounts, slices.Concat(filters, counting[:1]), makeCounts},
}

func (h *Handler) servePage(w http.ResponseWriter, r *http.Request, path string) {
	a := &asked{base: baseOf(r)}
	if id, ok := strings.CutPrefix(path, "activities/"); ok {
		path, a.id = "activities/", id
	}
	v, ok := views[path]
	if !ok {
		h.failPage(w, r, &problem{Status: http.StatusNotFound, Detail: "There is no such page."})
		return
	}
	values, changed := tidy(r.URL.Query())
	if changed {
		w.Header().Set("Location", "?"+values.Encode())
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	var faults []fault
	a.values = values
	if a.request, faults = parse(r.URL, h.now(), v.parameters); len(faults) > 0 {
		h.failPage(w, r, badParameters(faults))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
	defer cancel()
	err := v.make(ctx, h, a)
	var p *problem
	if !errors.As(err, &p) {
		a.view.Request, a.view.Kind, a.view.Format, a.view.Query, a.view.Err = r, v.kind, "html", a.query, err
		h.observe(r.Context(), a.view)
	}
	if err != nil {
		h.failPage(w, r, h.problemOf(ctx, err))
		return
	}
	h.render(w, r, http.StatusOK, v.template, a.page)
}

// baseOf returns the way from a page to the root: "./" or "../".
func baseOf(r *http.Request) links {
	up := strings.Count(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if up == 0 {
		return "./"
	}
	return links(strings.Repeat("../", up))
}

// problemPage is the content of the page of an error.
type problemPage struct {
	Status int
	Detail string
	Faults []fault
	Query  string // the rest of the parameters
}

func (h *Handler) failPage(w http.ResponseWriter, r *http.Request, p *problem) {
	p.complete()
	content := problemPage{Status: p.Status, Detail: showLine(p.Detail, 2000)}
	values := r.URL.Query()
	for _, f := range p.Errors {
		label := f.Parameter
		if labels[label] != "" {
			label = labels[label]
		}
		content.Faults = append(content.Faults, fault{showLine(label, 100), showLine(f.Detail, 1000)})
		delete(values, f.Parameter)
	}
	content.Query = values.Encode()
	h.render(w, r, p.Status, "problem", page{Base: baseOf(r), Title: p.Title, Content: content})
}

func (h *Handler) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Version = version
	var body bytes.Buffer
	if err := pages[name].ExecuteTemplate(&body, "layout.html", p); err != nil {
		h.logger.ErrorContext(r.Context(), "render the page "+name, "error", err)
		http.Error(w, "The page could not be made. The log of this server says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes())
	}
}
