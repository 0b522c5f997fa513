package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// run runs the program until it ends or the time is over, and returns what it printed.
func run(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, collectortest.Binary(t), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = t.TempDir()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

const shippedConfig = "../../collector-config.yaml"

func shipped(t *testing.T) string {
	t.Helper()
	file, err := filepath.Abs(shippedConfig)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// localPorts are the environment of a collector on ports that are free.
var localPorts = []string{"OTLP_GRPC_ENDPOINT=127.0.0.1:0", "OTLP_HTTP_ENDPOINT=127.0.0.1:0", "HEALTH_ENDPOINT=127.0.0.1:0", "METRICS_PORT=0"}

// TestQueueFolderInUse starts a second collector with the folder of the first.
func TestQueueFolderInUse(t *testing.T) {
	o := fault(t, atStart, "the folder of the queue is in use by another collector")
	storage := t.TempDir()
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "activity.db"), Storage: storage})
	out, err := run(t, append(slices.Clone(localPorts), "ACTIVITYLOG_STORAGE="+storage), "--config="+shipped(t))
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{storage, fmt.Sprint("pid ", c.PID()), "open queue: "} {
		if !strings.Contains(out, want) {
			t.Errorf("the error does not say %q:\n%s", want, out)
		}
	}
	o.Say("does not start; the message names the folder, the process and the setting")
}

// TestMessagesOfAWrongConfiguration validates configurations with one fault each.
func TestMessagesOfAWrongConfiguration(t *testing.T) {
	const password = "hunter2-the-password"
	for name, c := range map[string]struct {
		env  []string
		yaml string
		want []string
	}{
		"timeout without a unit": {nil, "exporters::activitylog::timeout: 30", []string{"timeout:", `"30s"`}},
		"unit in the queue":      {nil, "exporters::activitylog::queue::full_timeout: 5", []string{"queue::full_timeout:", "a unit", "got 5"}},
		"the processor":          {nil, "processors::activity::join::window: 5", []string{"join::window:", "a unit", "got 5"}},
		"the guard":              {nil, "extensions::activity_guard::timeout: 15", []string{"activity_guard::timeout:", "a unit", "got 15"}},
		"sending_queue":          {nil, "exporters::activitylog::sending_queue::storage: file_storage", []string{`"sending_queue"`, "queue:", "directory:"}},
		"a server for SQLite": {[]string{"ACTIVITYLOG_DRIVER=sqlite", "ACTIVITYLOG_DSN=postgres://u:" + password + "@h/db"}, "receivers: {}",
			[]string{"dsn must", "driver postgres"}},
		"a password as protocol": {[]string{"ACTIVITYLOG_DRIVER=mysql", "ACTIVITYLOG_DSN=u:x@" + password + "(h:3306)/db"}, "receivers: {}", []string{"dsn must", "@tcp(host:3306)"}},
		"no known DSN":           {[]string{"ACTIVITYLOG_DSN=u/" + password}, "receivers: {}", []string{"driver must", "postgres"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, atStart, "wrong configuration: "+name)
			o.Say("`validate` fails; the message has %s, and no password", strings.Join(c.want, ", "))
			out, err := run(t, append(slices.Clone(localPorts), c.env...), "validate", "--config="+shipped(t), "--config=yaml:"+c.yaml)
			if err == nil {
				t.Fatal("it is valid")
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("the error does not say %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, password) {
				t.Errorf("the error has the password:\n%s", out)
			}
		})
	}
}

// TestProgramWithoutFlags uses the built-in configuration.
func TestProgramWithoutFlags(t *testing.T) {
	o := fault(t, atStart, "no flags; `version`; `validate`")
	o.Say("the built-in configuration is the shipped one")
	if out, err := run(t, nil, "version"); err != nil || !strings.Contains(out, "otelcol-activitylog version ") {
		t.Errorf("version: %v, %s", err, out)
	}
	if out, err := run(t, localPorts, "validate"); err != nil {
		t.Errorf("validate: %v, %s", err, out)
	}
	shipped, err := run(t, localPorts, "print-config", "--config="+shipped(t))
	builtIn, builtInErr := run(t, localPorts, "print-config")
	if err != nil || builtInErr != nil || shipped != builtIn || !strings.Contains(builtIn, "activitylog:") {
		t.Errorf("the built-in configuration is another one: %v, %v\n%s\n%s", err, builtInErr, builtIn, shipped)
	}
}

// TestWrongFileAtSIGHUP documents what the Collector does: it ends, and what was
// acknowledged is written after the next start. collector/README.md says to
// validate first.
func TestWrongFileAtSIGHUP(t *testing.T) {
	o := fault(t, atStart, "SIGHUP with a right file, then with a wrong one, the database away")
	content, err := os.ReadFile(shippedConfig)
	if err != nil {
		t.Fatal(err)
	}
	file, dir := filepath.Join(t.TempDir(), "config.yaml"), filepath.Join(t.TempDir(), "missing")
	write := func(content []byte) {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(content)
	dsn := "file:" + filepath.Join(dir, "activity.db")
	c := collectortest.Start(t, collectortest.Config{ConfigFile: file, DSN: dsn})
	if err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(0, 100)); err != nil {
		t.Fatal(err)
	}
	hangUp := func() {
		if err := syscall.Kill(c.PID(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangUp() // the same file
	for deadline := time.Now().Add(20 * time.Second); load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(100, 100)) != nil; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not take requests after SIGHUP")
		}
	}
	write(append(content, "\nnonsense: true\n"...))
	if out, err := run(t, localPorts, "validate", "--config="+file); err == nil || !strings.Contains(out, "nonsense") {
		t.Errorf("validate does not find what is wrong: %v, %s", err, out)
	}
	hangUp()
	select {
	case <-c.Done():
	case <-time.After(25 * time.Second):
		t.Error("the Collector went on with its old configuration: collector/README.md says that it ends")
	}
	write(content)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	o.Over()
	c.Restart()
	o.Count(expectRange(t, "sqlite", dsn, 0, 200))
	o.Say("the collector ends at the wrong file, and `validate` finds it before")
}
