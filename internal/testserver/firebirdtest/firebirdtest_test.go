package firebirdtest_test

import (
	"net"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/firebirdtest"
)

func TestServerStopsAndStartsAgain(t *testing.T) {
	server := firebirdtest.Start(t)
	for _, stop := range []func(){server.Stop, server.Kill} {
		stop()
		if conn, err := net.Dial("tcp", server.Address()); err == nil {
			_ = conn.Close()
			t.Fatal("the server listens although it was stopped")
		}
		server.Start()
	}
}
