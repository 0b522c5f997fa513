package instrument

import (
	"net/http"

	"github.com/otelactivity/activitylog/activity"
)

// forwardedFor is the header in which proxies usually say who the client is.
const forwardedFor = "X-Forwarded-For"

// header returns the first value of a header whose name is written as net/http writes it. It does
// not look at each byte of the name, as [http.Header.Get] does, for every request.
func header(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// clientAddress returns the IP address of the client, without port and zone: the
// peer's, unless the peer is a trusted proxy, whose header is read as
// [activity.Proxies.Client] says. The result is "" if the peer has no IP address, as
// on a Unix domain socket.
func (c *config) clientAddress(r *http.Request) string {
	peer, ok := activity.ParseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	if !c.trusted.Contain(peer) {
		return activity.CleanAddress(r.RemoteAddr)
	}
	return c.trusted.Client(peer, r.Header[c.forwarded]...).String()
}
