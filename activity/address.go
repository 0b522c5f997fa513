package activity

import (
	"net/netip"
	"strings"
)

// ParseAddress reads an IP address with or without brackets, port and zone, as
// it stands in [net/http.Request.RemoteAddr] and in X-Forwarded-For. The result has no
// zone, and is an IPv4 address if it can be one.
func ParseAddress(s string) (addr netip.Addr, ok bool) {
	host := hostOf(s)
	if zone := strings.IndexByte(host, '%'); zone >= 0 {
		host = host[:zone] // has a meaning only on the links of the machine that wrote it
	}
	addr, err := netip.ParseAddr(host)
	return addr.Unmap(), err == nil
}

// CleanAddress returns the address in s without brackets, port and zone, IP
// addresses in their usual form: "::ffff:192.0.2.7" is "192.0.2.7". A host name
// loses its port. Of a list, as X-Forwarded-For and Forwarded have it, it is the
// address of [Proxies.Claimed]. "unknown" and text of RFC 7239 that hides the address,
// "_hidden", are "". Other text stays as it is.
func CleanAddress(s string) string {
	if isDotted(s) { // nearly always
		return s // there is only one way to write it
	}
	if strings.ContainsAny(s, ",=") {
		if addr := Proxies(nil).Claimed(s); addr.IsValid() {
			return addr.String()
		}
		return ""
	}
	if strings.EqualFold(s, "unknown") || strings.HasPrefix(s, "_") {
		return ""
	}
	host := hostOf(s)
	addr, ok := ParseAddress(s)
	switch {
	case ok && addr.Is4() && isDotted(host): // spares an allocation
		return host
	case ok:
		return addr.String()
	case host != "":
		return host
	}
	return s
}

// isDotted reports whether s has nothing but digits and dots.
func isDotted(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// hostOf returns the host of "host", "host:port", "[host]" or "[host]:port", ""
// if the brackets or the port are malformed.
func hostOf(s string) string {
	if strings.HasPrefix(s, "[") {
		host, rest, closed := strings.Cut(s[1:], "]")
		if !closed || rest != "" && !isPort(rest) {
			return ""
		}
		return host
	}
	colon := strings.IndexByte(s, ':')
	if colon < 0 || strings.IndexByte(s[colon+1:], ':') >= 0 {
		return s // no port; with more than one colon it is IPv6
	}
	if !isPort(s[colon:]) {
		return ""
	}
	return s[:colon]
}

// isPort reports whether s is ":" and digits.
func isPort(s string) bool {
	if len(s) < 2 || s[0] != ':' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
