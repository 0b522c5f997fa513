package activityfiber

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// requestOf returns a copy of the request of c, without its body.
func requestOf(c *fiber.Ctx) *http.Request {
	incoming := c.Request()
	r := &http.Request{
		Method: strings.Clone(c.Method()), Host: string(incoming.Host()), Header: http.Header{}, Body: http.NoBody,
		RequestURI: string(incoming.Header.RequestURI()), RemoteAddr: c.Context().RemoteAddr().String(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if r.RemoteAddr == noAddress {
		r.RemoteAddr = ""
	}
	incoming.Header.VisitAll(func(key, value []byte) {
		if name := http.CanonicalHeaderKey(string(key)); name != fiber.HeaderHost {
			r.Header[name] = append(r.Header[name], string(value))
		}
	})
	var err error
	if r.URL, err = url.ParseRequestURI(r.RequestURI); err != nil { // as net/http does
		r.URL = &url.URL{Path: string(incoming.URI().Path())}
	}
	return r.WithContext(c.UserContext())
}

// noAddress is what fasthttp says of a connection that has no address.
const noAddress = "0.0.0.0:0"

// setRoute sets the pattern of the route of c, and the values of its parameters. If no route
// matches, c has that of a middleware: "/", or another prefix of the path, of which instrument
// knows that it is one.
func setRoute(c *fiber.Ctx, r *http.Request) {
	route := c.Route()
	if route.Path == "/" && r.URL.Path != "/" {
		return
	}
	r.Pattern = patterns.Replace(route.Path)
	for _, name := range route.Params {
		if !isSegment(route.Path, name) {
			continue
		}
		value := c.Params(name)
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		r.SetPathValue(name, strings.Clone(value))
	}
}

// patterns writes what no other framework does as others do.
var patterns = strings.NewReplacer(`\`, "", "/+", "/*")

// isSegment reports whether a parameter is a whole segment of a path. In "/:from-:to" neither
// is, and an object has both in its id.
func isSegment(path, name string) bool {
	_, after, found := strings.Cut(path, "/:"+name)
	return found && (after == "" || strings.ContainsRune("/?<", rune(after[0])))
}
