package activity_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		s, clean string
		parses   bool
	}{
		{"192.0.2.7", "192.0.2.7", true},
		{"192.0.2.7:443", "192.0.2.7", true},
		{"[192.0.2.7]:443", "192.0.2.7", true},
		{"2001:DB8::1", "2001:db8::1", true},
		{"[2001:db8::1]", "2001:db8::1", true},
		{"[2001:db8::1]:443", "2001:db8::1", true},
		{"fe80::1%eth0", "fe80::1", true},
		{"[fe80::1%eth0]:443", "fe80::1", true},
		{"::ffff:192.0.2.7", "192.0.2.7", true},
		{"[::ffff:192.0.2.7]:443", "192.0.2.7", true},
		{"shop.test", "shop.test", false},
		{"shop.test:443", "shop.test", false},
		{"shop.test:https", "shop.test:https", false},
		{"[shop.test", "[shop.test", false},
		{"192.0.2.7:", "192.0.2.7:", false},
		{"999.0.2.7", "999.0.2.7", false},
		{"unknown", "", false},
		{"Unknown", "", false},
		{"_hidden", "", false},
		{"192.0.2.7, unknown", "192.0.2.7", false},
		{"unknown, unknown", "", false},
		{"for=192.0.2.7", "192.0.2.7", false},
		{"for=192.0.2.7;proto=https;by=203.0.113.43", "192.0.2.7", false},
		{`proto=https;For="[2001:DB8::17]:4711"`, "2001:db8::17", false},
		{"for=_hidden", "", false},
		{"proto=https", "", false},
		{"unix:path", "unix:path", false},
		{"/tmp/my.sock", "/tmp/my.sock", false},
		{"192.0.2.7, 10.0.0.1", "192.0.2.7", false},
		{"192.0.2.7,", "192.0.2.7", false},
		{"10.1.2.3, 10.0.0.1", "10.1.2.3", false},
		{"[", "[", false},
		{"[shop.test]:443", "shop.test", false},
		{"@", "@", false},
		{":80", ":80", false},
		{"", "", false},
	} {
		if got := activity.CleanAddress(tt.s); got != tt.clean {
			t.Errorf("CleanAddress(%q) = %q, want %q", tt.s, got, tt.clean)
		}
		addr, ok := activity.ParseAddress(tt.s)
		if ok != tt.parses || ok && addr.String() != tt.clean {
			t.Errorf("ParseAddress(%q) = %v, %v", tt.s, addr, ok)
		}
	}
}
