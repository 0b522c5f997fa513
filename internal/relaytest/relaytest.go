// Package relaytest is an address that leads to a server, or to another one later.
package relaytest

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Start listens on a free port until the test ends, and returns its address, host:port. It forwards
// each new connection to the address that target returns, which may wait before it does. Open
// connections stay where they are. Those of clients are wrapped.
func Start(t testing.TB, target func() string, wrap ...func(net.Conn) net.Conn) string {
	t.Helper()
	return testserver.Accept(t, func(client net.Conn) {
		for _, w := range wrap {
			client = w(client)
		}
		go forward(client, target)
	})
}

// forward copies between a client and a server until one of them ends.
func forward(client net.Conn, target func() string) {
	defer client.Close()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", target())
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
}
