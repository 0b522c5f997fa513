// Package web shows activities to people and programs: a page for browsers, and a JSON
// API. It is a handler for a service or a command to serve:
//
//	r, err := drivers.Open(ctx, "", dsn)
//	page, err := web.NewHandler(r)
//	http.Handle("/audit/", protect(http.StripPrefix("/audit", page)))
//
// The handler only reads, and answers GET and HEAD. It has no login: whoever reaches it
// reads all rows, so put it behind one. Command "activitylog serve" does that.
//
// The page is at the root, the API below api/v1/, and its description, in the form of
// OpenAPI, at api/v1/openapi.json. See docs/reference/api.md.
//
// The package has the standard library and package reader only. The page needs no
// JavaScript, loads nothing from elsewhere, and may not be shown in a frame.
package web
