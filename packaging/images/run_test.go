//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// container is an unpacked image: a read-only root, in which its program runs as its user, with a
// writable folder where its volume is. That is what an engine does, without namespaces.
type container struct {
	t      *testing.T
	root   string
	config v1.Config
	env    []string // more, as of docker run --env
}

// newContainer unpacks an image of ACTIVITYLOG_IMAGES. volume is the folder at mount.
func newContainer(t *testing.T, name, volume, mount string) *container {
	t.Helper()
	folder := os.Getenv("ACTIVITYLOG_IMAGES")
	if folder == "" {
		t.Skip("ACTIVITYLOG_IMAGES does not name the folder of the images; make release-test-containers makes them and runs this")
	}
	if os.Getuid() != 0 {
		testserver.Missing(t, "chroot and mount need root")
	}
	found, err := filepath.Glob(filepath.Join(folder, name+"-[0-9]*.oci.tar"))
	if err != nil || len(found) != 1 {
		t.Fatalf("want one image of %s in %s, got %v, %v", name, folder, found, err)
	}
	image := load(t, found[0], runtime.GOARCH)
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := &container{t: t, root: t.TempDir(), config: config.Config}
	content := mutate.Extract(image)
	defer content.Close()
	unpackTo(t, content, c.root, true)
	mounts := []struct{ source, at string }{{volume, mount}, {"/proc", "proc"}, {"/sys", "sys"}} // as engines do
	for _, m := range mounts {
		if err := os.MkdirAll(filepath.Join(c.root, m.at), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.mount(c.root, "")
	for _, m := range mounts {
		c.mount(m.source, m.at)
	}
	if err := syscall.Mount("", c.root, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	return c
}

// mount mounts a folder until the test ends.
func (c *container) mount(source, at string) {
	c.t.Helper()
	target := filepath.Join(c.root, at)
	if err := syscall.Mount(source, target, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		testserver.Missing(c.t, "mount %s: %v", source, err)
	}
	c.t.Cleanup(func() {
		if err := syscall.Unmount(target, syscall.MNT_DETACH); err != nil {
			c.t.Errorf("unmount %s: %v", target, err)
		}
	})
}

// command is a program in the container, with its environment and as its user.
func (c *container) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir = append(append([]string{}, c.config.Env...), c.env...), c.config.WorkingDir
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root, Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	return cmd
}

// TestRun starts the collector's image, checks its health as an engine does, sends a request, stops it,
// and reads the row by the command's image.
func TestRun(t *testing.T) {
	volume := t.TempDir() // belongs to root, until the engine gives it the owner of the image's folder
	if os.Getuid() == 0 {
		if err := os.Chown(volume, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	c := newContainer(t, "otelcol-activitylog", volume, "var/lib/otelcol-activitylog")
	otlp := testserver.FreeAddr(t)
	_, metrics, _ := strings.Cut(testserver.FreeAddr(t), ":")
	c.env = []string{"OTLP_HTTP_ENDPOINT=" + otlp, "OTLP_GRPC_ENDPOINT=" + testserver.FreeAddr(t),
		"HEALTH_ENDPOINT=" + testserver.FreeAddr(t), "METRICS_HOST=127.0.0.1", "METRICS_PORT=" + metrics}
	var log bytes.Buffer
	collector := c.command(t.Context(), c.config.Entrypoint[0], c.config.Cmd...)
	collector.Stdout, collector.Stderr = &log, &log
	if err := collector.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- collector.Wait() }()
	c.waitHealthy(stopped, &log)
	send(t, otlp)
	if err := collector.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-stopped; err != nil {
		t.Fatalf("it ends with %v\n%s", err, log.String())
	}
	if out, err := c.check().CombinedOutput(); err == nil {
		t.Errorf("the health check of a stopped collector says %s", out)
	}

	reader := newContainer(t, "activitylog", volume, "data")
	list := reader.command(t.Context(), reader.config.Entrypoint[0], "list")
	list.Env = append(list.Env, "ACTIVITYLOG_DSN=file:/data/activity.db")
	out, err := list.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "alice tried an image") {
		t.Errorf("the row: %v\n%s\nthe collector's log:\n%s", err, out, log.String())
	}
}

func (c *container) check() *exec.Cmd {
	test := c.config.Healthcheck.Test // the first is CMD
	return c.command(c.t.Context(), test[1], test[2:]...)
}

// waitHealthy runs the image's health check until it succeeds.
func (c *container) waitHealthy(stopped chan error, log *bytes.Buffer) {
	c.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		out, err := c.check().CombinedOutput()
		if err == nil {
			return
		}
		var failed *exec.ExitError
		if !errors.As(err, &failed) || failed.ExitCode() != 1 {
			c.t.Fatalf("the health check ends with %v: %s", err, out)
		}
		select {
		case err := <-stopped:
			c.t.Fatalf("the collector ended with %v\n%s", err, log.String())
		default:
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the collector is not healthy after a minute: %s", out)
		}
	}
}

// send sends an activity.
func send(t *testing.T, address string) {
	t.Helper()
	const request = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"alice tried an image"},
		"attributes":[{"key":"activity.action.type","value":{"stringValue":"Update"}}]}]}]}]}`
	response, err := http.Post("http://"+address+"/v1/logs", "application/json", strings.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the collector answers %s", response.Status)
	}
}

// TestReadOnly: nothing but the volume can be written by the program's user.
func TestReadOnly(t *testing.T) {
	volume := t.TempDir()
	c := newContainer(t, "otelcol-activitylog", volume, "var/lib/otelcol-activitylog")
	_, metrics, _ := strings.Cut(testserver.FreeAddr(t), ":")
	c.env = []string{"ACTIVITYLOG_STORAGE=/etc/queue", "METRICS_PORT=" + metrics, "OTLP_HTTP_ENDPOINT=" + testserver.FreeAddr(t), "OTLP_GRPC_ENDPOINT=" + testserver.FreeAddr(t),
		"HEALTH_ENDPOINT=" + testserver.FreeAddr(t)}
	out, err := c.command(t.Context(), c.config.Entrypoint[0]).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "/etc/queue") || !strings.Contains(string(out), "read-only file system") {
		t.Errorf("with its queue in /etc: %v\n%s", err, out)
	}
}
