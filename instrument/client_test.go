package instrument

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestClientAddress(t *testing.T) {
	proxies := []string{"10.0.0.0/8", "::ffff:172.16.0.0/108", "fd00::/8", "fe80::/10"}
	for _, tt := range []struct {
		name    string
		peer    string
		header  []string
		trusted []string
		want    string
	}{
		{"peer", "192.0.2.1:1234", nil, nil, "192.0.2.1"},
		{"peer v6", "[2001:DB8::1]:1234", nil, nil, "2001:db8::1"},
		{"peer v6 with zone", "[fe80::1%eth0]:1234", nil, nil, "fe80::1"},
		{"peer mapped", "[::ffff:192.0.2.1]:1234", nil, nil, "192.0.2.1"},
		{"peer without port", "192.0.2.1", nil, nil, "192.0.2.1"},
		{"peer v6 bare", "2001:db8::1", nil, nil, "2001:db8::1"},
		{"unix socket", "@", []string{"198.51.100.7"}, proxies, ""},
		{"empty", "", nil, nil, ""},

		{"header without proxies", "10.0.0.1:1", []string{"198.51.100.7"}, nil, "10.0.0.1"},
		{"header from a stranger", "192.0.2.1:1", []string{"198.51.100.7"}, proxies, "192.0.2.1"},
		{"one proxy", "10.0.0.1:1", []string{"198.51.100.7"}, proxies, "198.51.100.7"},
		{"proxy without header", "10.0.0.1:1", nil, proxies, "10.0.0.1"},
		{"empty header", "10.0.0.1:1", []string{""}, proxies, "10.0.0.1"},
		{"forged on the left", "10.0.0.1:1", []string{"6.6.6.6, 198.51.100.7"}, proxies, "198.51.100.7"},
		{"forged as a proxy", "10.0.0.1:1", []string{"10.6.6.6, 198.51.100.7"}, proxies, "198.51.100.7"},
		{"two proxies", "10.0.0.1:1", []string{"6.6.6.6,198.51.100.7,10.0.0.2"}, proxies, "198.51.100.7"},
		{"proxies only", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, proxies, "10.0.0.3"},
		{"lines are one list", "10.0.0.1:1", []string{"6.6.6.6", "198.51.100.7", "10.0.0.2"}, proxies, "198.51.100.7"},
		{"forged line first", "10.0.0.1:1", []string{"198.51.100.7", "10.0.0.2, 10.0.0.3"}, proxies, "198.51.100.7"},
		{"mapped proxies", "[::ffff:10.0.0.1]:1", []string{"198.51.100.7, ::ffff:10.0.0.2, 172.16.0.1"}, proxies, "198.51.100.7"},
		{"v6 proxy", "[fd00::1]:1", []string{"2001:db8::7"}, proxies, "2001:db8::7"},
		{"v6 proxy with zone", "[fe80::1%eth0]:1", []string{"2001:db8::7"}, proxies, "2001:db8::7"},

		{"port", "10.0.0.1:1", []string{"198.51.100.7:4711"}, proxies, "198.51.100.7"},
		{"brackets", "10.0.0.1:1", []string{"[2001:db8::7]"}, proxies, "2001:db8::7"},
		{"brackets and port", "10.0.0.1:1", []string{"[2001:db8::7]:4711"}, proxies, "2001:db8::7"},
		{"zone", "10.0.0.1:1", []string{"fe80::7%en0, 10.0.0.2"}, []string{"10.0.0.0/8"}, "fe80::7"},
		{"mapped client", "10.0.0.1:1", []string{"::ffff:198.51.100.7"}, proxies, "198.51.100.7"},

		{"garbage", "10.0.0.1:1", []string{"198.51.100.7, unknown"}, proxies, "10.0.0.1"},
		{"garbage behind a proxy", "10.0.0.1:1", []string{"198.51.100.7, _x, 10.0.0.2"}, proxies, "10.0.0.2"},
		{"empty entry", "10.0.0.1:1", []string{"198.51.100.7,,10.0.0.2"}, proxies, "10.0.0.2"},
		{"trailing comma", "10.0.0.1:1", []string{"198.51.100.7,"}, proxies, "10.0.0.1"},
		{"bad port", "10.0.0.1:1", []string{"198.51.100.7:x"}, proxies, "10.0.0.1"},
		{"open bracket", "10.0.0.1:1", []string{"[2001:db8::7"}, proxies, "10.0.0.1"},
		{"text after bracket", "10.0.0.1:1", []string{"[2001:db8::7]x"}, proxies, "10.0.0.1"},
		{"injection", "10.0.0.1:1", []string{"'; DROP TABLE activity_log;--"}, proxies, "10.0.0.1"},
		{"octal", "10.0.0.1:1", []string{"198.51.100.007"}, proxies, "10.0.0.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var trusted activity.Proxies
			for _, p := range tt.trusted {
				trusted = append(trusted, activity.NewProxies(netip.MustParsePrefix(p))...)
			}
			r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.header}}
			c := newConfig(nil)
			c.trusted = trusted
			if got := c.clientAddress(r); got != tt.want {
				t.Errorf("clientAddress = %q, want %q", got, tt.want)
			}
		})
	}
}
