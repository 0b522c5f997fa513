package activityprocessor

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Where derived activities come from: X-Forwarded-For counts only from a proxy that is
// trusted, or if nothing else is known.
func TestClientAddress(t *testing.T) {
	const header, oldHeader = "http.request.header.x-forwarded-for", "http.request.header.x_forwarded_for"
	proxies := confcheck.Prefixes{"10.0.0.0/8", "192.0.2.1"}
	for name, tt := range map[string]struct {
		in      attrs
		trusted confcheck.Prefixes
		want    any // nil: no address
	}{
		"nothing":                         {attrs{}, nil, nil},
		"peer":                            {attrs{"network.peer.address": "192.0.2.7"}, nil, "192.0.2.7"},
		"peer with port":                  {attrs{"network.peer.address": "[2001:DB8::1]:80"}, nil, "2001:db8::1"},
		"old peer":                        {attrs{"net.sock.peer.addr": "192.0.2.7"}, nil, "192.0.2.7"},
		"older peer":                      {attrs{"net.peer.ip": "192.0.2.7"}, nil, "192.0.2.7"},
		"Envoy's peer":                    {attrs{"peer.address": "192.0.2.7"}, nil, "192.0.2.7"},
		"the current name counts":         {attrs{"net.sock.peer.addr": "192.0.2.8", "network.peer.address": "192.0.2.7"}, nil, "192.0.2.7"},
		"a claim beside the peer":         {attrs{"network.peer.address": "192.0.2.7", "client.address": "6.6.6.6"}, nil, "192.0.2.7"},
		"a claim of a stranger":           {attrs{"network.peer.address": "192.0.2.7", "client.address": "6.6.6.6"}, proxies, "192.0.2.7"},
		"an old claim beside the peer":    {attrs{"net.sock.peer.addr": "192.0.2.7", "http.client_ip": "6.6.6.6"}, nil, "192.0.2.7"},
		"a claim without a peer":          {attrs{"client.address": "203.0.113.7"}, nil, "203.0.113.7"},
		"an old claim without a peer":     {attrs{"http.client_ip": "203.0.113.7, 10.0.0.1"}, nil, "203.0.113.7"},
		"a claim and a socket":            {attrs{"network.peer.address": "/run/app.sock", "client.address": "203.0.113.7"}, nil, "203.0.113.7"},
		"a socket":                        {attrs{"network.peer.address": "/run/app.sock"}, nil, "/run/app.sock"},
		"a list":                          {attrs{"client.address": "6.6.6.6, 203.0.113.7, 10.0.0.1"}, nil, "203.0.113.7"},
		"unknown":                         {attrs{"client.address": "unknown"}, nil, nil},
		"a hidden address":                {attrs{"client.address": "for=_hidden;proto=https"}, nil, nil},
		"Forwarded":                       {attrs{"client.address": `for="[2001:db8::17]:4711";proto=https`}, nil, "2001:db8::17"},
		"a host name":                     {attrs{"client.address": "client.example:80"}, nil, "client.example"},
		"a trusted proxy's claim":         {attrs{"network.peer.address": "10.0.0.1", "client.address": "203.0.113.7"}, proxies, "203.0.113.7"},
		"a trusted proxy without a claim": {attrs{"network.peer.address": "10.0.0.1"}, proxies, "10.0.0.1"},
		"a trusted proxy's rubbish":       {attrs{"network.peer.address": "10.0.0.1", "client.address": "unknown"}, proxies, "10.0.0.1"},
		"the header":                      {attrs{"network.peer.address": "10.0.0.1", "client.address": "6.6.6.6", header: []any{"6.6.6.6, 203.0.113.7, 192.0.2.1"}}, proxies, "203.0.113.7"},
		"the header's lines":              {attrs{"network.peer.address": "10.0.0.1", header: []any{"6.6.6.6", "203.0.113.7"}}, proxies, "203.0.113.7"},
		"the old header":                  {attrs{"net.sock.peer.addr": "10.0.0.1", oldHeader: "6.6.6.6, 203.0.113.7"}, proxies, "203.0.113.7"},
		"the header of a stranger":        {attrs{"network.peer.address": "192.0.2.7", header: []any{"6.6.6.6"}}, proxies, "192.0.2.7"},
		"the header Forwarded":            {attrs{"network.peer.address": "10.0.0.1", "http.request.header.forwarded": []any{"for=6.6.6.6, for=203.0.113.7"}}, proxies, "203.0.113.7"},
	} {
		t.Run(name, func(t *testing.T) {
			in := attrs{"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 200, "user.id": "42"}
			maps.Copy(in, tt.in)
			td, span := newSpan(t, in)
			cfg := defaults()
			cfg.TrustedProxies = tt.trusted
			added(t, cfg, td, span)
			assert.Equal(t, tt.want, span.Attributes().AsRaw()["client.address"])
		})
	}
}
