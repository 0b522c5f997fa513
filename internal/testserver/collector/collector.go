// Package collector runs the real program otelcol-activitylog as a child
// process on free loopback ports.
package collector

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/process"
)

const (
	startTime = 30 * time.Second
	stopTime  = 30 * time.Second
)

// Config says which collector to run, and with what. Driver and the fields
// after it become environment variables of collector-config.yaml; an empty one
// is left to the default there.
type Config struct {
	Binary     string // the program
	ConfigFile string // collector-config.yaml
	Driver     string // ACTIVITYLOG_DRIVER: sqlite, postgres, ...
	DSN        string // ACTIVITYLOG_DSN
	Storage    string // ACTIVITYLOG_STORAGE: the folder of the sending queue; made when missing
	Env        []string
	Args       []string // more arguments, such as --set=...
}

// Collector is a collector that was started.
type Collector struct {
	GRPC    string // OTLP/gRPC, host:port
	HTTP    string // OTLP/HTTP, host:port
	Health  string // health check, host:port
	Metrics string // its own metrics, host:port

	cfg     Config
	log     process.Log
	running *process.Process
}

// Start starts a collector and waits until it is healthy.
func Start(ctx context.Context, cfg Config) (*Collector, error) {
	addrs, err := process.FreeAddrs(4)
	if err != nil {
		return nil, err
	}
	c := &Collector{GRPC: addrs[0], HTTP: addrs[1], Health: addrs[2], Metrics: addrs[3], cfg: cfg}
	if err := c.Restart(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Restart starts the collector again, after Stop or Kill, on the same ports
// and with the same storage, and waits until it is healthy.
func (c *Collector) Restart(ctx context.Context) error {
	if c.cfg.Storage != "" {
		if err := os.MkdirAll(c.cfg.Storage, 0o700); err != nil {
			return fmt.Errorf("make the storage of the collector: %w", err)
		}
	}
	cmd := exec.Command(c.cfg.Binary, append([]string{"--config=" + c.cfg.ConfigFile}, c.cfg.Args...)...)
	cmd.Env = append(os.Environ(), c.env()...)
	running, err := process.Start(cmd, &c.log)
	if err != nil {
		return err
	}
	c.running = running
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := running.WaitUntil(ctx, c.healthy); err != nil {
		running.Kill()
		return err
	}
	// It says that it is ready a moment before it listens to signals: SIGTERM
	// would end it in between, instead of shutting it down.
	time.Sleep(100 * time.Millisecond)
	return nil
}

func (c *Collector) env() []string {
	_, metricsPort, _ := net.SplitHostPort(c.Metrics)
	env := []string{
		"OTLP_GRPC_ENDPOINT=" + c.GRPC,
		"OTLP_HTTP_ENDPOINT=" + c.HTTP,
		"HEALTH_ENDPOINT=" + c.Health,
		"METRICS_PORT=" + metricsPort,
	}
	for _, v := range [][2]string{
		{"ACTIVITYLOG_DRIVER", c.cfg.Driver},
		{"ACTIVITYLOG_DSN", c.cfg.DSN},
		{"ACTIVITYLOG_STORAGE", c.cfg.Storage},
	} {
		if v[1] != "" {
			env = append(env, v[0]+"="+v[1])
		}
	}
	return append(env, c.cfg.Env...)
}

func (c *Collector) healthy(ctx context.Context) error {
	_, err := get(ctx, "http://"+c.Health+"/")
	return err
}

// Stop sends SIGTERM and waits until the collector has shut down.
func (c *Collector) Stop() error { return c.running.Stop(syscall.SIGTERM, stopTime) }

// Kill sends SIGKILL, as the kernel does when memory runs out.
func (c *Collector) Kill() { c.running.Kill() }

// PID is the id of its process, a new one after each restart.
func (c *Collector) PID() int { return c.running.PID() }

// Done is closed when the collector has ended.
func (c *Collector) Done() <-chan struct{} { return c.running.Done() }

// Log returns what the collector printed, over all restarts.
func (c *Collector) Log() string { return c.log.String() }

// LogTail returns the last n lines of Log.
func (c *Collector) LogTail(n int) string { return c.log.Tail(n) }

// OTLPEnv returns the environment variables that make a service send its
// telemetry to this collector, by OTLP/HTTP.
func (c *Collector) OTLPEnv() []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + c.HTTP,
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
	}
}

// ReadMetrics returns the collector's own metrics in the text format of Prometheus.
func (c *Collector) ReadMetrics(ctx context.Context) (string, error) {
	return get(ctx, "http://"+c.Metrics+"/metrics")
}

// get returns the body of a 200 answer; every other answer is an error.
func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", fmt.Errorf("get %s: %w", url, err)
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("get %s: %s", url, res.Status)
	}
	return string(body), nil
}
