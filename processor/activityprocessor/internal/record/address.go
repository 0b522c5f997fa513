package record

import (
	"cmp"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// address holds what a span says about where its request came from. The peer is who
// connected. The rest is what the request's headers claim, which anyone can send.
type address struct {
	peer      string
	forwarded pcommon.Value // the header X-Forwarded-For or Forwarded, if the span has it
	claimed   string        // what an instrumentation made of such a header
}

// readPeer reads an attribute that names the peer. The current one counts before those
// of older conventions and of Envoy.
func (a *address) readPeer(key string, v pcommon.Value) {
	if text := Text(v); a.peer == "" || key == "network.peer.address" && text != "" {
		a.peer = text
	}
}

// readClaim reads an attribute of a header.
func (a *address) readClaim(key string, v pcommon.Value) {
	switch key {
	case "http.request.header.x-forwarded-for", "http.request.header.x_forwarded_for",
		"http.request.header.forwarded":
		if a.forwarded == (pcommon.Value{}) || key != "http.request.header.forwarded" {
			a.forwarded = v
		}
	case "http.client_ip":
		a.claimed = Text(v)
	}
}

// lines returns the lines of the header, or else of what was made of it.
func (a *address) lines(claimed string) []string {
	switch {
	case a.forwarded == (pcommon.Value{}):
	case a.forwarded.Type() == pcommon.ValueTypeSlice:
		var lines []string
		for _, line := range a.forwarded.Slice().All() {
			lines = append(lines, Text(line))
		}
		return lines
	default:
		return []string{Text(a.forwarded)}
	}
	if claimed = cmp.Or(claimed, a.claimed); claimed == "" {
		return nil
	}
	return []string{claimed}
}

// Peer returns the address that connected to the server, "" if it is not known.
func (f *Facts) Peer() string { return f.address.peer }

// ClientAddress returns the address that the request came from, "" if it is not known:
// the peer's, unless that is a trusted proxy, which says who the client is. If the peer
// is not known, it is what the client claims.
func (r *Record) ClientAddress() string { return r.clientAddress(r.Proxies) }

func (f *Facts) clientAddress(trusted activity.Proxies) string {
	own := f.Own[FieldClientAddress]
	peer, ok := activity.ParseAddress(f.address.peer)
	switch {
	case ok && len(trusted) == 0, ok && !trusted.Contain(peer):
		return activity.CleanAddress(f.address.peer)
	case ok:
		return trusted.Client(peer, f.address.lines(own)...).String()
	}
	if addr := trusted.Claimed(f.address.lines(own)...); addr.IsValid() {
		return addr.String()
	}
	return activity.CleanAddress(cmp.Or(own, f.address.claimed, f.address.peer)) // the name of a host, a socket
}
