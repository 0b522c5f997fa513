package record

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Address returns the IP address in s without port, brackets and zone, in its
// usual spelling. Of a host with a port it returns the host, and any other text
// unchanged.
func Address(s string) string {
	if isDotted(s) { // nearly always
		return s // there is only one way to write it
	}
	if addr, err := netip.ParseAddr(s); err == nil {
		return bareAddr(addr)
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return bareAddr(ap.Addr())
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil {
		return bareAddr(addr)
	}
	if host, port, err := net.SplitHostPort(s); err == nil && host != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err == nil {
			return host
		}
	}
	return s
}

// isDotted reports whether s consists of digits and dots.
func isDotted(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func bareAddr(addr netip.Addr) string { return addr.Unmap().WithZone("").String() }
