package redact

import (
	"net"
	"net/netip"
	"strings"
)

// addressKeys are attributes that hold the address of a client.
var addressKeys = map[string]bool{
	"client.address": true, "client.socket.address": true, "net.peer.ip": true, "net.sock.peer.addr": true, "http.client_ip": true,
	"network.peer.address": true, "source.address": true, "net.sock.peer.name": true,
	"http.request.header.x-forwarded-for": true, "http.request.header.x_forwarded_for": true, "http.request.header.x-real-ip": true,
	"http.request.header.x_real_ip": true, "http.request.header.forwarded": true, "http.request.header.true-client-ip": true,
	"http.request.header.cf-connecting-ip": true,
}

// generaliser shortens addresses to their first bits.
type generaliser struct{ v4, v6 int }

func (g generaliser) isOn() bool { return g.v4 > 0 || g.v6 > 0 }

// generalise returns the network of each address in a list, with or without port,
// brackets and zone. Entries that are not addresses are unchanged.
func (g generaliser) generalise(list string) string {
	if !strings.ContainsAny(list, ",;=") {
		return g.one(list)
	}
	var out strings.Builder
	for rest := list; rest != ""; {
		n := strings.IndexFunc(rest, betweenAddresses)
		if n < 0 {
			n = len(rest)
		}
		out.WriteString(g.one(rest[:n]))
		if n < len(rest) {
			out.WriteByte(rest[n])
			n++
		}
		rest = rest[n:]
	}
	return out.String()
}

func betweenAddresses(r rune) bool { return strings.ContainsRune(`,;= "`, r) }

// hostOf returns an address without port and brackets.
func hostOf(s string) string {
	bare := strings.TrimSpace(s)
	if host, _, err := net.SplitHostPort(bare); err == nil {
		bare = host
	}
	return strings.TrimSuffix(strings.TrimPrefix(bare, "["), "]")
}

func (g generaliser) one(s string) string {
	addr, err := netip.ParseAddr(hostOf(s))
	if err != nil {
		return s
	}
	addr = addr.Unmap().WithZone("")
	bits := g.v6
	if addr.Is4() {
		bits = g.v4
	}
	if bits == 0 {
		return s
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return s
	}
	return prefix.Addr().String()
}
