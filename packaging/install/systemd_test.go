//go:build linux

package install

import (
	"regexp"
	"runtime"
	"strconv"
	"testing"

	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

// exposed is how much systemd-analyze security may find, of 10. What is left is that the
// collector needs the network, and sockets of databases on the same machine.
const exposed = 1.5

// systemd accepts the unit, and finds that it may do little.
func TestUnit(t *testing.T) {
	m := newMachine(t)
	m.dpkg("-i", m.put(disttest.File(t, name+"_*_"+runtime.GOARCH+".deb")))
	if said := m.run("/usr/bin/systemd-analyze", "verify", unitFile); said != "" {
		t.Errorf("systemd-analyze verify: %s", said)
	}
	said := m.run("/usr/bin/systemd-analyze", "security", "--offline=yes", "--no-pager", unitFile)
	found := regexp.MustCompile(`Overall exposure level for \S+: (\d+\.\d+)`).FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("systemd-analyze security: %s", said)
	}
	level, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("exposure level %.1f", level)
	if level > exposed {
		t.Errorf("exposure level: got %.1f, want at most %.1f: %s", level, exposed, said)
	}
}

// The command of a reload refuses a wrong configuration before SIGHUP is sent.
func TestReload(t *testing.T) {
	m := newMachine(t)
	m.dpkg("-i", m.put(disttest.File(t, name+"_*_"+runtime.GOARCH+".deb")))
	u := readUnit(m.read(unitFile))
	if len(u["Service.ExecReload"]) != 2 {
		t.Fatalf("commands of a reload: got %q", u["Service.ExecReload"])
	}
	if out, err := m.execute(u, u["Service.ExecReload"][0]).CombinedOutput(); err != nil {
		t.Errorf("validate the packaged configuration: %v: %s", err, out)
	}
	m.write(config, m.read(config)+"\nno_such_section: {}\n")
	if out, err := m.execute(u, u["Service.ExecReload"][0]).CombinedOutput(); err == nil {
		t.Errorf("a wrong configuration is valid: %s", out)
	}
}
