// Package serve serves a handler to browsers: on loopback to everybody on this computer, and
// to others behind a login.
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Config is how to serve.
type Config struct {
	Listen string   // host:port
	Hosts  []string // names under which browsers may ask for it, besides loopback

	Auth           string // "", "basic:FILE", "header:NAME" or "oidc"
	TrustedProxies []netip.Prefix
	OIDC           OIDC

	CertFile, KeyFile string // for TLS; both or neither

	Logger *slog.Logger
}

// Timeouts of connections, against clients that are slow on purpose. An answer may take as
// long as its queries, and be sent slowly.
const (
	headerTime = 10 * time.Second
	readTime   = 30 * time.Second
	writeTime  = 5 * time.Minute
	idleTime   = 2 * time.Minute
	stopTime   = 10 * time.Second
	maxHeaders = 64 << 10
)

// Server is a handler behind a login, with its listener.
type Server struct {
	http     *http.Server
	listener net.Listener
	tls      bool
}

// New checks the configuration, and listens. wrap is called with the handler behind the
// login, and may add what sees all requests; it may be nil.
func New(ctx context.Context, c Config, h http.Handler, wrap func(http.Handler) http.Handler) (*Server, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	tlsConfig, err := c.tls()
	if err != nil {
		return nil, err
	}
	login, err := c.login(ctx)
	if err != nil {
		return nil, err
	}
	h = login(h)
	if wrap != nil {
		h = wrap(h)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; --listen takes another address", c.Listen, err)
	}
	return &Server{
		http: &http.Server{Handler: c.checkHost(checkSite(h)), TLSConfig: tlsConfig, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime,
			IdleTimeout: idleTime, MaxHeaderBytes: maxHeaders, ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelWarn)},
		listener: listener, tls: tlsConfig != nil,
	}, nil
}

// URL is where the server is.
func (s *Server) URL() string {
	scheme := "http"
	if s.tls {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String() + "/"
}

// Run serves until the context ends. Then it waits for requests in flight, for ten seconds.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() {
		if s.tls {
			failed <- s.http.ServeTLS(s.listener, "", "")
			return
		}
		failed <- s.http.Serve(s.listener)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := s.http.Shutdown(stopping); err != nil {
		_ = s.http.Close()
		return fmt.Errorf("stop serving: some requests did not end within %s: %w", stopTime, err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// tls returns the configuration of TLS, or nil.
func (c Config) tls() (*tls.Config, error) {
	if c.CertFile == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate and its key (--tls-cert, --tls-key): %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// Handler is what the server serves.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Close closes a server that does not run.
func (s *Server) Close() { _ = s.listener.Close() }
