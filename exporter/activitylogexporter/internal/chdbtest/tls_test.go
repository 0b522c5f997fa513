package chdbtest_test

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/relaytest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// TestTLS writes to servers behind a proxy that ends TLS.
func TestTLS(t *testing.T) {
	t.Run("https", func(t *testing.T) {
		server := chdbtest.Start(t)
		dsn := "https://" + withTLS(t, server.Address()) + "/default?secure=true"
		untrusted(t, dialect.ClickHouse{}, dsn)
		o := openTable(t, dsn+"&skip_verify=true")
		o.write(dialecttest.Rows(1000)...)
		o.write(dialecttest.Rows(1000)...)
		o.expect("2000", "SELECT count() FROM activity_log")
	})
	t.Run("native", func(t *testing.T) {
		server := chdbtest.StartDebian(t)[0]
		execute(t, server.DSN(), single()...)
		dsn := "clickhouse://" + withTLS(t, server.Address()) + "/default?secure=true"
		untrusted(t, secured{}, dsn)
		o := openWith(t, secured{}, dsn+"&skip_verify=true", false)
		o.write(dialecttest.Rows(1000)...)
		o.write(dialecttest.Rows(1000)...)
		o.expect("2000", "SELECT count() FROM activity_log")
	})
}

// secured is the dialect of 18.16 for a DSN that has a query.
type secured struct{ dialect.ClickHouse }

func (secured) DSN(dsn string) (string, error) { return dsn, nil }

// untrusted fails the test if rows are written to a server whose certificate nobody trusts.
func untrusted(t *testing.T, d dialect.Dialect, dsn string) {
	t.Helper()
	s, err := store.Open(store.Config{Dialect: d, DSN: dsn, Table: "activity_log"}, quiet{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Write(t.Context(), dialecttest.Rows(1)); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("write to a server with an unknown certificate: got %v, want an error about it", err)
	}
}

// withTLS returns the address of a proxy in front of a server.
func withTLS(t *testing.T, server string) string {
	t.Helper()
	config := selfSigned()
	return relaytest.Start(t, func() string { return server }, func(client net.Conn) net.Conn { return tls.Server(client, config) })
}

// selfSigned returns a certificate for the loopback address that nobody trusts.
func selfSigned() *tls.Config {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates}
}
