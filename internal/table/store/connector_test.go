package store

import (
	"net"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// lines counts what the MySQL driver logs.
type lines struct{ n atomic.Int64 }

func (l *lines) Print(...any) { l.n.Add(1) }

// TestMySQLLogIsOfOneConnector: what the exporter wants of the driver must not
// change the driver for others in the process.
func TestMySQLLogIsOfOneConnector(t *testing.T) {
	if _, silent := mysql.NewConfig().Logger.(*mysql.NopLogger); silent {
		t.Error("the driver is silent for everybody in this process")
	}
	logged := &lines{}
	if err := mysql.SetLogger(logged); err != nil {
		t.Fatal(err)
	}
	server := hangsUp(t)
	dsn := "u:p@tcp(" + server + ")/db"
	theirs, err := mysql.MySQLDriver{}.OpenConnector(dsn)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := connectorOf("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Connect(t.Context()); err == nil {
		t.Fatal("connected to a server that hangs up")
	}
	if n := logged.n.Load(); n != 0 {
		t.Errorf("the exporter's connector logged %d lines", n)
	}
	if _, err := theirs.Connect(t.Context()); err == nil || logged.n.Load() == 0 {
		t.Errorf("another connector logged nothing; its error: %v", err)
	}
}

// hangsUp returns the address of a server that sends the beginning of a handshake
// and ends the connection.
func hangsUp(t *testing.T) string {
	t.Helper()
	return testserver.Accept(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte{10, 0})
		_ = conn.Close()
	})
}
