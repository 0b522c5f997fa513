package activity_test

import (
	"net/netip"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

var proxies = activity.NewProxies(netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"))

func TestProxiesClient(t *testing.T) {
	for _, tt := range []struct {
		peer  string
		lines []string
		want  string
	}{
		{"198.51.100.7", []string{"203.0.113.7"}, "198.51.100.7"},
		{"10.0.0.1", nil, "10.0.0.1"},
		{"10.0.0.1", []string{"203.0.113.7"}, "203.0.113.7"},
		{"10.0.0.1", []string{"6.6.6.6, 203.0.113.7, 192.0.2.1"}, "203.0.113.7"},
		{"10.0.0.1", []string{"for=203.0.113.7;proto=https, for=10.0.0.2"}, "203.0.113.7"},
		{"10.0.0.1", []string{`for="[2001:db8::17]:4711"`, "for=10.0.0.2"}, "2001:db8::17"},
		{"10.0.0.1", []string{"for=203.0.113.7, for=_hidden, for=10.0.0.2"}, "10.0.0.2"},
		{"10.0.0.1", []string{"203.0.113.7, proto=https"}, "10.0.0.1"},
	} {
		if got := proxies.Client(netip.MustParseAddr(tt.peer), tt.lines...); got.String() != tt.want {
			t.Errorf("Client(%s, %q) = %s, want %s", tt.peer, tt.lines, got, tt.want)
		}
	}
}

func TestProxiesClaimed(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  string
	}{
		{nil, "invalid IP"},
		{[]string{"unknown"}, "invalid IP"},
		{[]string{"203.0.113.7"}, "203.0.113.7"},
		{[]string{"203.0.113.7, 10.0.0.1"}, "203.0.113.7"},
		{[]string{"203.0.113.7, 172.16.3.4, fe80::1"}, "203.0.113.7"},
		{[]string{"203.0.113.7, 192.0.2.1"}, "203.0.113.7"},
		{[]string{"6.6.6.6, 203.0.113.7"}, "203.0.113.7"},
		{[]string{"6.6.6.6", "203.0.113.7"}, "203.0.113.7"},
		{[]string{"172.16.3.4, 10.0.0.1"}, "172.16.3.4"},
		{[]string{"203.0.113.7, unknown, 10.0.0.1"}, "203.0.113.7"},
		{[]string{"for=203.0.113.7;by=10.0.0.1"}, "203.0.113.7"},
	} {
		if got := proxies.Claimed(tt.lines...); got.String() != tt.want {
			t.Errorf("Claimed(%q) = %s, want %s", tt.lines, got, tt.want)
		}
	}
}
