package activity

import (
	"net/netip"
	"strings"
)

// Proxies are proxies whose word is believed: what they write into X-Forwarded-For
// or Forwarded is the address that they saw. The nil Proxies are nobody.
type Proxies []netip.Prefix

// NewProxies returns the proxies within the prefixes.
func NewProxies(prefixes ...netip.Prefix) Proxies {
	proxies := make(Proxies, 0, len(prefixes))
	for _, p := range prefixes {
		if p.Addr().Is4In6() && p.Bits() >= 96 { // addresses are compared as IPv4, if they can be
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		proxies = append(proxies, p)
	}
	return proxies
}

// Contain reports whether addr is one of the proxies.
func (p Proxies) Contain(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// Client returns the address of the client of a request that came from peer.
//
// It is the peer's, unless the peer is one of the proxies. Then the lines of
// X-Forwarded-For or Forwarded (RFC 7239), which count as one list, are read from
// the right, where each proxy appends the address of its peer. The result is the
// first address that is not one of the proxies: entries to the left of it may be
// forged. An entry that is not an address ends the search; the result is the last
// address before it.
func (p Proxies) Client(peer netip.Addr, lines ...string) netip.Addr {
	for i := len(lines) - 1; i >= 0 && p.Contain(peer); i-- {
		for rest, more := lines[i], true; more && p.Contain(peer); {
			var entry string
			rest, entry, more = cutLast(rest)
			addr, ok := parseForwarded(entry)
			if !ok {
				return peer
			}
			peer = addr
		}
	}
	return peer
}

// Claimed returns the address of the client of a request whose peer is not known: the
// rightmost address of X-Forwarded-For or Forwarded that is not one of the proxies and
// not in a private network, else the leftmost address. Anyone can send such a header,
// so this is a claim. The zero Addr means that the lines have no address.
func (p Proxies) Claimed(lines ...string) netip.Addr {
	var client netip.Addr
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var entry string
			rest, entry, more = cutLast(rest)
			addr, ok := parseForwarded(entry)
			if !ok {
				continue
			}
			if client = addr; !addr.IsPrivate() && !addr.IsLoopback() && !addr.IsLinkLocalUnicast() && !p.Contain(addr) {
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

// parseForwarded reads an entry of X-Forwarded-For, "192.0.2.7", or of Forwarded,
// "for=192.0.2.7;proto=https".
func parseForwarded(entry string) (netip.Addr, bool) {
	if !strings.Contains(entry, "=") {
		return ParseAddress(strings.Trim(entry, " \t"))
	}
	for pair := range strings.SplitSeq(entry, ";") {
		name, value, _ := strings.Cut(strings.Trim(pair, " \t"), "=")
		if strings.EqualFold(name, "for") {
			return ParseAddress(strings.Trim(value, `"`))
		}
	}
	return netip.Addr{}, false
}
