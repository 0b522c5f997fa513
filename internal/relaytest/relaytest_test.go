package relaytest

import (
	"bufio"
	"net"
	"sync/atomic"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// TestStart moves an address from one server to another: a connection that is open stays.
func TestStart(t *testing.T) {
	var target atomic.Value
	one, two := named(t, "one"), named(t, "two")
	target.Store(one)
	address := Start(t, func() string { return target.Load().(string) })
	first := dial(t, address)
	ask(t, first, "one")
	target.Store(two)
	ask(t, first, "one")
	ask(t, dial(t, address), "two")
}

// named is a server that answers each line with its name.
func named(t *testing.T, name string) string {
	t.Helper()
	return testserver.Accept(t, func(client net.Conn) {
		go func() {
			defer client.Close()
			for lines := bufio.NewScanner(client); lines.Scan(); {
				_, _ = client.Write([]byte(name + "\n"))
			}
		}()
	})
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func ask(t *testing.T, connection net.Conn, want string) {
	t.Helper()
	if _, err := connection.Write([]byte("who?\n")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want)+1)
	if _, err := connection.Read(got); err != nil || string(got) != want+"\n" {
		t.Errorf("got %q, %v, want %s", got, err, want)
	}
}
