package store

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// dialer connects for clickhouse-go. The driver's own connections ignore the context
// until a server has answered, and are left open if it answers with an error.
type dialer struct {
	perHost time.Duration // the most that one address may take
	dsn     string        // as the user wrote it
}

// into sets the options.
func (d dialer) into(options *clickhouse.Options) {
	// The driver gives all addresses together this time.
	options.DialTimeout = d.perHost*time.Duration(len(options.Addr)) + d.perHost/2
	if options.Protocol == clickhouse.Native {
		options.DialContext = func(ctx context.Context, addr string) (net.Conn, error) {
			return open(ctx, addr, options.TLS)
		}
	}
	options.DialStrategy = func(ctx context.Context, id int, options *clickhouse.Options, dial clickhouse.Dial) (clickhouse.DialResult, error) {
		result, err := clickhouse.DefaultDialStrategy(ctx, id, options, func(ctx context.Context, addr string, options *clickhouse.Options) (clickhouse.DialResult, error) {
			return d.dial(ctx, addr, options, dial)
		})
		if err != nil {
			return result, fmt.Errorf("%w: %w", errConnect, withoutDSN(err, d.dsn))
		}
		return result, nil
	}
}

// dial connects to one address.
func (d dialer) dial(ctx context.Context, addr string, options *clickhouse.Options, dial clickhouse.Dial) (clickhouse.DialResult, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.perHost, fmt.Errorf("no answer from %s within %v", addr, d.perHost))
	defer cancel()
	var opened connection
	ctx = context.WithValue(ctx, connectionKey{}, &opened)
	forget := context.AfterFunc(ctx, opened.close)
	result, err := dial(ctx, addr, options)
	switch ended := !forget(); {
	case ended && err == nil:
		err = context.Cause(ctx)
	case ended:
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	if err != nil {
		opened.close()
	}
	return result, err
}

// connection is what a dial has opened.
type connection struct {
	mu     sync.Mutex
	conn   net.Conn // nil until it is open
	closed bool
}

type connectionKey struct{}

// open opens a connection that the dial of ctx may close.
func open(ctx context.Context, addr string, config *tls.Config) (conn net.Conn, err error) {
	if config != nil {
		conn, err = (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", addr)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	}
	if err != nil {
		return nil, err
	}
	if dialing, ok := ctx.Value(connectionKey{}).(*connection); ok {
		dialing.set(conn)
	}
	return conn, nil
}

func (c *connection) set(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	if c.closed {
		_ = conn.Close()
	}
}

func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.conn != nil {
		_ = c.conn.Close()
	}
}
