package chdbtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Debian is a running server of Debian's package clickhouse-server, version
// 18.16: a real one, with the native protocol and shards, though without the
// types that the schema needs.
type Debian struct {
	tb      testing.TB
	program string
	folder  string
	port    int
	cred    *syscall.Credential
	process *exec.Cmd
}

const debianConfig = `<yandex>
<logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><tcp_port>{{port}}</tcp_port>
<path>{{folder}}/data/</path><tmp_path>{{folder}}/tmp/</tmp_path>
<users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>100000000</mark_cache_size><timezone>UTC</timezone>
<remote_servers><two>{{shards}}</two></remote_servers>
</yandex>`

const debianUsers = `<yandex><profiles><default/></profiles><quotas><default/></quotas><users><default><password></password>
<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users></yandex>`

// StartDebian starts two servers, the shards of the cluster "two", which stop
// with the test. Where the package is not installed the test is skipped, or fails
// if the environment has CI=true.
func StartDebian(tb testing.TB) []*Debian {
	tb.Helper()
	program, err := exec.LookPath("clickhouse-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("CI=true and clickhouse-server is not installed: %v", err)
		}
		tb.Skipf("SKIPPED, clickhouse-server is not installed (apt-get install clickhouse-server): %v", err)
	}
	servers := []*Debian{{tb: tb, program: program, port: freePort(tb)}, {tb: tb, program: program, port: freePort(tb)}}
	for _, s := range servers {
		s.configure(servers)
		tb.Cleanup(func() { s.Kill(); _ = os.RemoveAll(s.folder) })
		s.Start()
	}
	return servers
}

func freePort(tb testing.TB) int {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("find a free port: %v", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// configure makes a folder and writes the configuration. The folder is not
// tb.TempDir, whose parents only the user of the test may enter.
func (s *Debian) configure(servers []*Debian) {
	s.tb.Helper()
	var shards strings.Builder
	for _, server := range servers {
		fmt.Fprintf(&shards, "<shard><replica><host>127.0.0.1</host><port>%d</port></replica></shard>", server.port)
	}
	folder, err := os.MkdirTemp("", "chdbtest")
	if err != nil {
		s.tb.Fatalf("make folder: %v", err)
	}
	s.folder = folder
	fill := strings.NewReplacer("{{port}}", strconv.Itoa(s.port), "{{folder}}", folder, "{{shards}}", shards.String())
	err = errors.Join(os.Mkdir(filepath.Join(folder, "data"), 0o755), os.Mkdir(filepath.Join(folder, "tmp"), 0o755),
		os.WriteFile(filepath.Join(folder, "config.xml"), []byte(fill.Replace(debianConfig)), 0o644),
		os.WriteFile(filepath.Join(folder, "users.xml"), []byte(debianUsers), 0o644))
	if nobody, lookup := user.Lookup("nobody"); os.Getuid() == 0 && lookup == nil {
		uid, _ := strconv.Atoi(nobody.Uid)
		gid, _ := strconv.Atoi(nobody.Gid)
		s.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		for _, path := range []string{"", "data", "tmp", "config.xml", "users.xml"} {
			err = errors.Join(err, os.Chown(filepath.Join(folder, path), uid, gid))
		}
	}
	if err != nil {
		s.tb.Fatalf("configure clickhouse-server: %v", err)
	}
}

// DSN is the connection string of the server, for the native protocol.
func (s *Debian) DSN() string { return fmt.Sprintf("clickhouse://127.0.0.1:%d/default", s.port) }

// Start starts the server again after a [Debian.Kill], and waits until it answers.
func (s *Debian) Start() {
	s.tb.Helper()
	log, err := os.OpenFile(filepath.Join(s.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.tb.Fatalf("open log of clickhouse-server: %v", err)
	}
	defer log.Close()
	s.process = exec.Command(s.program, "--config-file="+filepath.Join(s.folder, "config.xml"))
	s.process.Dir = s.folder
	s.process.Stdout, s.process.Stderr = log, log
	s.process.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred}
	if err := s.process.Start(); err != nil {
		s.tb.Fatalf("start clickhouse-server: %v", err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port)); err == nil {
			_ = conn.Close()
			return
		}
	}
	text, _ := os.ReadFile(filepath.Join(s.folder, "log"))
	s.tb.Fatalf("clickhouse-server did not answer within a minute; its log:\n%s", text)
}

// Kill stops the server at once, as a crash does.
func (s *Debian) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}
