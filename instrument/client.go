package instrument

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// with returns a copy of t with the prefixes added, in the form that clientAddress
// compares.
func (t trustedProxies) with(prefixes []netip.Prefix) trustedProxies {
	for _, p := range prefixes {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		t = append(t, p)
	}
	return t
}

func (t trustedProxies) contain(addr netip.Addr) bool {
	for _, p := range t {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// clientAddress returns the IP address of the client, without port and zone.
//
// It is the peer's address, unless the peer is a trusted proxy. Then X-Forwarded-For
// is read from the right, where each proxy appends the address of its peer. The
// result is the first address that is not a trusted proxy: entries to the left of it
// may be forged. An invalid entry ends the search; the result is the last address
// before it. The result is "" if the peer has no IP address, as on a Unix domain
// socket.
func clientAddress(r *http.Request, trusted trustedProxies) string {
	peer, ok := activity.ParseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	if !trusted.contain(peer) {
		return activity.CleanAddress(r.RemoteAddr)
	}
	return forwardedFor(r.Header["X-Forwarded-For"], trusted, peer).String()
}

// forwardedFor searches the header, whose lines count as one list.
func forwardedFor(lines []string, trusted trustedProxies, client netip.Addr) netip.Addr {
	for i := len(lines) - 1; i >= 0; i-- {
		rest, more := lines[i], true
		for more {
			var entry string
			rest, entry, more = cutLast(rest)
			addr, ok := activity.ParseAddress(strings.Trim(entry, " \t"))
			if !ok {
				return client
			}
			client = addr
			if !trusted.contain(client) {
				return client
			}
		}
	}
	return client
}

// cutLast splits a list before its last entry; more reports whether there are others.
func cutLast(list string) (rest, last string, more bool) {
	comma := strings.LastIndexByte(list, ',')
	if comma < 0 {
		return "", list, false
	}
	return list[:comma], list[comma+1:], true
}
