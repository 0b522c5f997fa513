package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "192.0.2.7:80": "192.0.2.7", "2001:DB8::1": "2001:db8::1", "[2001:db8::1]": "2001:db8::1",
		"[2001:db8::1]:443": "2001:db8::1", "::ffff:192.0.2.7": "192.0.2.7", "fe80::1%eth0": "fe80::1",
		"client.example.com": "client.example.com", "client.example.com:80": "client.example.com",
		"/tmp/my.sock": "/tmp/my.sock", "unix:path": "unix:path", "": "", ":80": ":80", "[": "[",
		"192.0.2.7, 10.0.0.1": "192.0.2.7, 10.0.0.1",
	} {
		assert.Equal(t, want, Address(in), in)
	}
}
