//go:build linux

package install

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// unit is what a file of systemd says, by section and key.
type unit map[string][]string

// readUnit reads a unit.
func readUnit(text string) unit {
	u := unit{}
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, value, found := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case found:
			u[section+"."+key] = append(u[section+"."+key], value)
		}
	}
	return u
}

// only returns the one value of a key.
func (u unit) only(t *testing.T, key string) string {
	t.Helper()
	if len(u[key]) != 1 {
		t.Fatalf("%s: got %q, want one value", key, u[key])
	}
	return u[key][0]
}

// service runs the collector as its unit says, where no systemd does.
type service struct {
	m       *machine
	log     process.Log
	running *process.Process
}

const unitFile = "/usr/lib/systemd/system/otelcol-activitylog.service"

// environment returns the variables of the unit and of its environment file, which comes later.
func (m *machine) environment(u unit) map[string]string {
	env := map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, pair := range u["Service.Environment"] {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	for _, file := range u["Service.EnvironmentFile"] {
		for line := range strings.Lines(m.read(strings.TrimPrefix(file, "-"))) {
			line = strings.TrimSpace(line)
			if name, value, found := strings.Cut(line, "="); found && !strings.HasPrefix(line, "#") {
				env[name] = value
			}
		}
	}
	return env
}

// expand replaces variables of a command and splits it into words, as systemd does for $NAME.
func expand(command string, env map[string]string) []string {
	return strings.Fields(regexp.MustCompile(`\$\w+`).ReplaceAllStringFunc(command, func(name string) string { return env[name[1:]] }))
}

// execute returns one of the unit's commands, as its user.
func (m *machine) execute(u unit, command string) *exec.Cmd {
	m.t.Helper()
	env := m.environment(u)
	words := expand(command, env)
	cmd := m.command(m.account(u.only(m.t, "Service.User")), words[0], words[1:]...)
	cmd.Dir = u.only(m.t, "Service.WorkingDirectory")
	cmd.Env = nil
	for _, name := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, name+"="+env[name])
	}
	return cmd
}

// start starts the service and waits until it is healthy.
func (m *machine) start() *service {
	m.t.Helper()
	u := readUnit(m.read(unitFile))
	// systemd makes the state directory, too.
	state := "/var/lib/" + u.only(m.t, "Service.StateDirectory")
	m.run("/usr/bin/install", "-d", "-m", u.only(m.t, "Service.StateDirectoryMode"),
		"-o", u.only(m.t, "Service.User"), "-g", u.only(m.t, "Service.Group"), state)
	s := &service{m: m}
	running, err := process.Start(m.execute(u, u.only(m.t, "Service.ExecStart")), &s.log)
	if err != nil {
		m.t.Fatalf("start the service: %v", err)
	}
	s.running = running
	m.t.Cleanup(running.Kill)
	ctx, cancel := context.WithTimeout(m.t.Context(), 30*time.Second)
	defer cancel()
	if err := running.WaitUntil(ctx, healthy); err != nil {
		m.t.Fatalf("start the service: %v\n%s", err, s.log.Tail(40))
	}
	time.Sleep(100 * time.Millisecond) // until it listens to signals
	return s
}

// stop ends the service, as systemd does.
func (s *service) stop() {
	s.m.t.Helper()
	if err := s.running.Stop(syscall.SIGTERM, 30*time.Second); err != nil {
		s.m.t.Fatalf("stop the service: %v\n%s", err, s.log.Tail(40))
	}
}

// healthy asks the health check of the shipped configuration.
func healthy(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:13133/", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the health check answers %s", res.Status)
	}
	return nil
}

// send sends an activity on an object by OTLP/HTTP, as the documentation of OTLP has it.
func send(t *testing.T, object string) {
	t.Helper()
	body := fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{
		"timeUnixNano":"%d","eventName":"activity.recorded","body":{"stringValue":"alice updated %s"},"attributes":[
		{"key":"activity.action.type","value":{"stringValue":"Update"}},
		{"key":"activity.actor.id","value":{"stringValue":"alice"}},
		{"key":"activity.object.type","value":{"stringValue":"article"}},
		{"key":"activity.object.id","value":{"stringValue":%q}}]}]}]}]}`, time.Now().UnixNano(), object, object)
	res, err := http.Post("http://127.0.0.1:4318/v1/logs", "application/json", bytes.NewBufferString(body))
	if err != nil {
		t.Fatalf("send an activity: %v", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("send an activity: %s", res.Status)
	}
}

// The reader of units has to be right where the tests rely on it.
func TestReadUnit(t *testing.T) {
	text, err := os.ReadFile("../systemd/otelcol-activitylog.service")
	if err != nil {
		t.Fatal(err)
	}
	u := readUnit(string(text))
	if got := u.only(t, "Service.User"); got != "otelcol-activitylog" {
		t.Errorf("user: got %q", got)
	}
	got := expand("/usr/bin/x $A --b $C", map[string]string{"A": "1 2", "C": "3"})
	if want := []string{"/usr/bin/x", "1", "2", "--b", "3"}; !slices.Equal(got, want) {
		t.Errorf("words: got %q, want %q", got, want)
	}
}
