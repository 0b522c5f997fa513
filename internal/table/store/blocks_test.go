package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// soon is how long anything here may take that must not wait for a server.
const soon = 3 * time.Second

// mute is a server that accepts connections, reads, and never answers, unless it has an
// answer, which it sends at once.
type mute struct {
	answer   []byte
	listener net.Listener
	accepted chan struct{} // has an element for each connection
	ended    chan error    // and one for each that the client closed
}

func newMute(t *testing.T, config *tls.Config, answer ...byte) *mute {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	m := &mute{answer, listener, make(chan struct{}, 100), make(chan error, 100)}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			m.accepted <- struct{}{}
			_, _ = conn.Write(m.answer)
			go func() {
				_, err := io.Copy(io.Discard, conn)
				_ = conn.Close()
				m.ended <- err
			}()
		}
	}()
	return m
}

func (m *mute) address() string { return m.listener.Addr().String() }

// gone fails the test unless the client has closed a connection.
func (m *mute) gone(t *testing.T) {
	t.Helper()
	select {
	case <-m.ended:
	case <-time.After(soon):
		t.Error("the connection is still open")
	}
}

// openAlone returns blocks without the schema and the rest of a store.
func openAlone(t *testing.T, dsn string, change func(*Config)) *blocks {
	t.Helper()
	cfg := Config{Dialect: dialect.ClickHouse{}, DSN: dsn, Table: "activity_log"}
	if change != nil {
		change(&cfg)
	}
	full, err := cfg.Dialect.DSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	b, err := openBlocks(cfg, full)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

func oneRow() []row.Row { return []row.Row{{ID: activity.NewID()}} }

// mustEnd fails the test if do takes long.
func mustEnd(t *testing.T, what string, do func() error) error {
	t.Helper()
	start := time.Now()
	err := do()
	if took := time.Since(start); took > soon {
		t.Errorf("%s took %v", what, took)
	}
	if err == nil {
		t.Fatalf("%s: no error", what)
	}
	return err
}

func TestBlocksGiveUp(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, scheme := range []string{"clickhouse", "http"} {
		t.Run(scheme, func(t *testing.T) {
			server := newMute(t, nil)
			b := openAlone(t, scheme+"://u:secret@"+server.address()+"/db", nil)

			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			err := mustEnd(t, "a send with a deadline", func() error { return b.send(ctx, oneRow()) })
			if !errors.Is(err, errConnect) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want one about connecting, with the deadline", err)
			}
			server.gone(t)

			stopped, stop := context.WithCancelCause(t.Context())
			time.AfterFunc(100*time.Millisecond, func() { stop(errStopped) })
			err = mustEnd(t, "a send that is stopped", func() error { return b.send(stopped, oneRow()) })
			if !errors.Is(err, errStopped) {
				t.Errorf("got %v, want %v", err, errStopped)
			}
			server.gone(t)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error has the password: %v", err)
			}
			err = mustEnd(t, "a send after the end", func() error { return b.send(stopped, oneRow()) })
			if !errors.Is(err, errStopped) {
				t.Errorf("got %v, want %v", err, errStopped)
			}
		})
	}
}

// TestBlocksTryEachHost: a host that does not answer must not use up the time of the
// next one.
func TestBlocksTryEachHost(t *testing.T) {
	for _, scheme := range []string{"clickhouse", "http"} {
		t.Run(scheme, func(t *testing.T) {
			servers := []*mute{newMute(t, nil), newMute(t, nil), newMute(t, nil)}
			hosts := servers[0].address() + "," + servers[1].address() + "," + servers[2].address()
			b := openAlone(t, scheme+"://"+hosts+"/db?dial_timeout=200ms", nil)
			err := mustEnd(t, "a send", func() error { return b.send(t.Context(), oneRow()) })
			if !errors.Is(err, errConnect) {
				t.Errorf("got %v, want one about connecting", err)
			}
			for i, server := range servers {
				if len(server.accepted) != 1 {
					t.Errorf("host %d was tried %d times, want once", i+1, len(server.accepted))
					continue
				}
				server.gone(t)
			}
		})
	}
}

// TestBlocksHangUp: a connection to a server that answers with something else is closed,
// which the driver leaves open.
func TestBlocksHangUp(t *testing.T) {
	server := newMute(t, nil, 99)
	b := openAlone(t, "clickhouse://"+server.address()+"/db", nil)
	err := mustEnd(t, "a send", func() error { return b.send(t.Context(), oneRow()) })
	if !errors.Is(err, errConnect) || !strings.Contains(err.Error(), "unexpected packet [99]") {
		t.Errorf("got %v, want one about connecting", err)
	}
	server.gone(t)
}

func TestBlocksLimit(t *testing.T) {
	server := newMute(t, nil)
	b := openAlone(t, "clickhouse://"+server.address()+"/db", func(cfg *Config) { cfg.MaxOpenConns = 1 })
	first, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.send(first, oneRow()) }()
	<-server.accepted
	ctx, cancelSecond := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancelSecond()
	err := mustEnd(t, "a second send", func() error { return b.send(ctx, oneRow()) })
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "wait for a connection") {
		t.Errorf("got %v, want the deadline while waiting for a connection", err)
	}
	if len(server.accepted) != 0 {
		t.Error("there was a second connection")
	}
	cancel()
	<-ended
}

func TestBlocksTLS(t *testing.T) {
	server := newMute(t, selfSigned())
	for _, scheme := range []string{"clickhouse", "https"} {
		for query, want := range map[string]string{
			"secure=true": "certificate",
			"secure=true&skip_verify=true&dial_timeout=100ms":    "no answer", // it is not the certificate
			"secure=true&tls_server_name=other.test&skip_verify": "deadline",
		} {
			t.Run(scheme+" "+query, func(t *testing.T) {
				b := openAlone(t, scheme+"://"+server.address()+"/db?"+query, nil)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := mustEnd(t, "a send", func() error { return b.send(ctx, oneRow()) })
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want one with %s", err, want)
				}
			})
		}
	}
}

// selfSigned returns a certificate for the loopback address that nobody trusts.
func selfSigned() *tls.Config {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates}
}

func TestBlocksConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		cfg        Config
		dsn        string
		open, idle int
		life       time.Duration
	}{
		"no limits":            {Config{}, "", manyConns, 1, 0},
		"as configured":        {Config{MaxOpenConns: 3, MaxIdleConns: 2, ConnMaxLifetime: time.Minute}, "", 3, 2, time.Minute},
		"not what the DSN has": {Config{MaxOpenConns: 3}, "?max_open_conns=7&max_idle_conns=9&conn_max_lifetime=5m", 3, 1, 5 * time.Minute},
		"nothing that panics":  {Config{}, "?conn_max_lifetime=-5m&max_idle_conns=-1&dial_timeout=-1s", manyConns, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			options, err := clickhouse.ParseDSN("clickhouse://localhost:9000/db" + c.dsn)
			if err != nil {
				t.Fatal(err)
			}
			limits(options, c.cfg)
			if options.MaxOpenConns != c.open || options.MaxIdleConns != c.idle || options.ConnMaxLifetime != c.life || options.DialTimeout <= 0 {
				t.Errorf("got %d open, %d idle, %v; want %d, %d, %v", options.MaxOpenConns, options.MaxIdleConns, options.ConnMaxLifetime, c.open, c.idle, c.life)
			}
			if conn, err := clickhouse.Open(options); err != nil || conn.Close() != nil {
				t.Errorf("open and close: %v", err)
			}
		})
	}
}

func TestOtherDatabasesHaveNoBlocks(t *testing.T) {
	b, err := openBlocks(Config{Dialect: dialect.SQLite{}}, "file:x.db")
	if b != nil || err != nil {
		t.Fatalf("got %v, %v, want nil, nil", b, err)
	}
	if err := b.close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// TestEndsWith: the deadline of a connection may be seen before that of its context.
func TestEndsWith(t *testing.T) {
	timeout := fmt.Errorf("read: %w", os.ErrDeadlineExceeded)
	past, cancel := context.WithDeadline(context.Background(), time.Now())
	defer cancel()
	future, cancelFuture := context.WithTimeout(context.Background(), time.Hour)
	defer cancelFuture()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want bool
	}{
		"its own":                {past, timeout, true},
		"a shorter one":          {future, timeout, false},
		"no deadline":            {context.Background(), timeout, false},
		"an error of the server": {past, errors.New("code: 60"), false},
	} {
		if got := endsWith(c.ctx, c.err); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
