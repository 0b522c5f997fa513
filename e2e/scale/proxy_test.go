package scale_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// examples is the folder of the configurations that people copy.
const examples = "../../examples/scale"

// proxy is HAProxy or nginx with its shipped configuration, on free ports.
type proxy struct {
	*testserver.Server
	GRPC, HTTP string // host:port
}

// startProxy starts "haproxy" or "nginx" in front of collectors. Changes are pairs of texts of its
// configuration, and what is there instead.
func startProxy(t testing.TB, name string, collectors []*collectortest.Collector, changes ...string) *proxy {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			testserver.Missing(t, "%s is not installed (apt-get install %s)", name, name)
		}
	}
	p := &proxy{Server: testserver.New(t, name), GRPC: testserver.FreeAddr(t), HTTP: testserver.FreeAddr(t)}
	file := map[string]string{"haproxy": "haproxy.cfg", "nginx": "nginx.conf"}[name]
	config := p.Write(file, strings.NewReplacer(changes...).Replace(onPorts(t, read(t, filepath.Join(examples, file)), p, collectors)))
	args := map[string][]string{"haproxy": {"-f", config}, "nginx": {"-p", p.Dir, "-c", config}}[name]
	t.Cleanup(func() { p.End(syscall.SIGTERM, 5*time.Second) })
	p.Run(p.Command(program, args...), func(ctx context.Context) error {
		return errors.Join(listens(ctx, p.GRPC), listens(ctx, p.HTTP))
	})
	return p
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func listens(ctx context.Context, address string) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}

// onPorts gives a shipped configuration, which has two collectors, the ports of the test, and as
// many collectors as there are: the page says to add a line for each.
func onPorts(t testing.TB, config string, p *proxy, collectors []*collectortest.Collector) string {
	t.Helper()
	first := collectors[0]
	shipped := strings.NewReplacer("127.0.0.1:14317", first.GRPC, "127.0.0.1:14318", first.HTTP, "14133", port(first.Health),
		"127.0.0.1:4317", p.GRPC, "127.0.0.1:4318", p.HTTP)
	second := regexp.MustCompile(`^ +server (two )?127\.0\.0\.1:24`)
	var text strings.Builder
	for line := range strings.Lines(config) {
		if !second.MatchString(line) {
			text.WriteString(shipped.Replace(line))
			continue
		}
		for i, c := range collectors[1:] {
			text.WriteString(strings.NewReplacer("server two", fmt.Sprint("server c", i), "127.0.0.1:24317", c.GRPC,
				"127.0.0.1:24318", c.HTTP, "24133", port(c.Health)).Replace(line))
		}
	}
	return text.String()
}

func port(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
