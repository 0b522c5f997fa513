package instrument

import (
	"net/http"

	"github.com/otelactivity/activitylog/activity"
)

// clientAddress returns the IP address of the client, without port and zone: the
// peer's, unless the peer is a trusted proxy, whose X-Forwarded-For is read as
// [activity.Proxies.Client] says. The result is "" if the peer has no IP address, as
// on a Unix domain socket.
func clientAddress(r *http.Request, trusted activity.Proxies) string {
	peer, ok := activity.ParseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	if !trusted.Contain(peer) {
		return activity.CleanAddress(r.RemoteAddr)
	}
	return trusted.Client(peer, r.Header["X-Forwarded-For"]...).String()
}
