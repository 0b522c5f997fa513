package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/serve"
	"github.com/otelactivity/activitylog/instrument/setup"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/web"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	config     serve.Config
	proxies    []string
	secretFile string
	traceURL   string
	timeout    time.Duration
	record     bool
}

func (f *serveFlags) add(flags *pflag.FlagSet) {
	c := &f.config
	flags.StringVar(&c.Listen, "listen", "127.0.0.1:8580", "`address` and port; other computers can reach it only with --auth")
	flags.StringSliceVar(&c.Hosts, "host", nil, "`name` in the address under which browsers may ask for it, besides localhost")
	flags.StringVar(&c.Auth, "auth", "", `how to log in: "basic:FILE" (of htpasswd -B), "header:NAME" (of a proxy) or "oidc"`)
	flags.StringSliceVar(&f.proxies, "trusted-proxies", nil, "`addresses` of the proxies, such as 10.0.0.0/8, whose header:NAME and X-Forwarded-For are believed")
	flags.StringVar(&c.OIDC.Issuer, "oidc-issuer", "", "`URL` of the issuer, for --auth oidc")
	flags.StringVar(&c.OIDC.ClientID, "oidc-client-id", "", "`id` of this server at the issuer")
	flags.StringVar(&f.secretFile, "oidc-client-secret-file", "", "`file` with the client's secret (or ACTIVITYLOG_OIDC_CLIENT_SECRET)")
	flags.StringSliceVar(&c.OIDC.Allow, "oidc-allow", nil, `who may read: e-mail address, "@example.com", "sub:ID", "group:NAME", or "*"`)
	flags.StringVar(&c.OIDC.URL, "url", "", "`URL` of this server as browsers see it, for --auth oidc")
	flags.StringVar(&c.CertFile, "tls-cert", "", "`file` with the certificate, for HTTPS")
	flags.StringVar(&c.KeyFile, "tls-key", "", "`file` with the key of the certificate")
	flags.StringVar(&f.traceURL, "trace-url", "", "`URL` of a trace, with {trace_id}: http://localhost:16686/trace/{trace_id}")
	flags.DurationVar(&f.timeout, "timeout", web.DefaultTimeout, "how long the queries of one request may take")
	flags.BoolVar(&f.record, "record", false, "record each view of the log as an activity, to the collector at OTEL_EXPORTER_OTLP_ENDPOINT")
}

func newServe(a *app) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Show the log to browsers, and to programs by a JSON API",
		Long: `Show the log to browsers, and to programs by a JSON API below /api/v1/. It only reads.

By default only this computer can reach it, and nobody has to log in. --listen with
another address needs --auth.`,
		Example: `  activitylog serve --trace-url 'http://localhost:16686/trace/{trace_id}'
  activitylog serve --listen :8443 --auth basic:/etc/activitylog/htpasswd --tls-cert cert.pem --tls-key key.pem
  activitylog serve --listen 127.0.0.1:8580 --host audit.example.com --auth header:X-Forwarded-User --trusted-proxies 127.0.0.1`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), f) },
	}
	f.add(cmd.Flags())
	return cmd
}

// serve runs until the context ends, which is not an error: nothing else ends it.
func (a *app) serve(ctx context.Context, f serveFlags) (err error) {
	if err := a.completeServe(&f); err != nil {
		return err
	}
	r, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	recording := serve.Recording{TrustedProxies: f.config.TrustedProxies}
	handler, err := a.page(r, f, recording)
	if err != nil {
		return usage(err)
	}
	var wrap func(http.Handler) http.Handler
	if f.record {
		telemetry, err := setup.Start(ctx, "activitylog", setup.WithLogger(f.config.Logger))
		if err != nil {
			return fmt.Errorf("start --record: %w", err)
		}
		defer func() { err = errors.Join(err, telemetry.Shutdown(context.WithoutCancel(ctx))) }()
		wrap = recording.Wrap
	}
	server, err := serve.New(ctx, f.config, handler, wrap)
	if bad := new(serve.UsageError); errors.As(err, &bad) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	a.hint("the log is at " + server.URL() + " (Ctrl-C stops)")
	return server.Run(ctx)
}

// page makes the handler.
func (a *app) page(r *reader.Reader, f serveFlags, recording serve.Recording) (http.Handler, error) {
	options := []web.Option{web.WithTimeout(f.timeout), web.WithLogger(f.config.Logger)}
	if f.traceURL != "" {
		options = append(options, web.WithTraceURL(f.traceURL))
	}
	if f.record {
		options = append(options, web.WithObserver(recording.Observe))
	}
	return web.NewHandler(r, options...)
}

// completeServe reads what the flags name.
func (a *app) completeServe(f *serveFlags) error {
	f.config.Logger = slog.New(slog.NewTextHandler(cleaned{a}, nil))
	for _, text := range f.proxies {
		prefix, err := netip.ParsePrefix(text)
		if at, isAddress := netip.ParseAddr(text); isAddress == nil {
			prefix, err = at.Prefix(at.BitLen())
		}
		if err != nil {
			return usagef(`--trusted-proxies must be addresses such as "127.0.0.1" or "10.0.0.0/8"; got %q`, text)
		}
		f.config.TrustedProxies = append(f.config.TrustedProxies, prefix)
	}
	f.config.OIDC.ClientSecret = a.env("ACTIVITYLOG_OIDC_CLIENT_SECRET")
	if f.secretFile != "" {
		text, err := os.ReadFile(f.secretFile)
		if err != nil {
			return usage(fmt.Errorf("read the client's secret: %w", err))
		}
		f.config.OIDC.ClientSecret = strings.TrimSpace(string(text))
	}
	return usage(f.config.Check())
}

// cleaned is standard error, without the data source name.
type cleaned struct{ app *app }

// Write implements io.Writer.
func (c cleaned) Write(text []byte) (int, error) {
	_, err := c.app.err.Write([]byte(c.app.clean(string(text))))
	return len(text), err
}
