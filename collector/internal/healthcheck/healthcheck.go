// Package healthcheck is the command "otelcol-activitylog healthcheck". It asks a running collector
// whether it takes requests, so that an image without a shell and without curl can check itself.
package healthcheck

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// defaultEndpoint is where the shipped configuration's extension health_check listens.
const defaultEndpoint = "127.0.0.1:13133"

const usage = `Usage: otelcol-activitylog healthcheck [-timeout DURATION] [HOST:PORT]

Asks the collector on this machine whether it takes requests, by HTTP. HOST:PORT is where the
extension health_check listens; without it, what HEALTH_ENDPOINT says, or 127.0.0.1:13133.
Exit code: 0 if it does, 1 if not, 2 if this command is used wrongly.

`

// Main runs the command with its arguments, without the name of the program and of the command.
// endpoint is what the environment says. It returns the exit code.
func Main(ctx context.Context, args []string, endpoint string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("healthcheck", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	timeout := flags.Duration("timeout", 3*time.Second, "how long an answer may take")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	switch flags.NArg() {
	case 0:
	case 1:
		endpoint = flags.Arg(0)
	default:
		fmt.Fprintf(stderr, "healthcheck: one HOST:PORT at most, got %q\n", flags.Args())
		return 2
	}
	url, err := address(endpoint)
	if err != nil {
		fmt.Fprintf(stderr, "healthcheck: %v\n", err)
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	if err := ask(ctx, url); err != nil {
		fmt.Fprintf(stderr, "healthcheck: %v\n", err)
		return 1
	}
	fmt.Fprintf(stdout, "the collector at %s takes requests\n", url)
	return 0
}

// address makes a URL of what the collector listens on. A collector that listens on all addresses is
// asked on this machine.
func address(endpoint string) (string, error) {
	if endpoint == "" {
		endpoint = defaultEndpoint
	}
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil || port == "" || strings.Contains(endpoint, "/") {
		return "", fmt.Errorf("HEALTH_ENDPOINT or the argument must be HOST:PORT, such as %s; got %q", defaultEndpoint, endpoint)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.Equal(net.IPv4zero) {
		host = "127.0.0.1"
	} else if ip != nil && ip.IsUnspecified() {
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/", nil
}

// ask returns nil if the answer is 200.
func ask(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// Never through a proxy that the environment names.
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return fmt.Errorf("ask the collector: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the collector at %s answers %s, want 200", url, response.Status)
	}
	return nil
}
