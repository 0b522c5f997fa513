package chdbtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Debian is a running server of Debian's package clickhouse-server, version
// 18.16: a real one, with the native protocol and shards, though without the
// types that the schema needs.
type Debian struct {
	*testserver.Server
	program string
}

const debianConfig = `<yandex>
<logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><tcp_port>{{port}}</tcp_port>
<path>{{folder}}/data/</path><tmp_path>{{folder}}/tmp/</tmp_path>
<users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>100000000</mark_cache_size><timezone>UTC</timezone>
<remote_servers>{{cluster}}</remote_servers>
{{more}}</yandex>`

const debianUsers = `<yandex><profiles><default/></profiles><quotas><default/></quotas><users><default><password></password>
<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users></yandex>`

// StartDebian starts two servers, the shards of the cluster "two", which stop
// with the test. Where the package is not installed the test is skipped, or fails
// if the environment has CI=true.
func StartDebian(tb testing.TB) []*Debian {
	tb.Helper()
	servers := newDebian(tb, 2)
	var shards strings.Builder
	for _, s := range servers {
		shards.WriteString("<shard>" + s.replica() + "</shard>")
	}
	for _, s := range servers {
		s.configure("<two>"+shards.String()+"</two>", "")
		s.Start()
	}
	return servers
}

// newDebian returns n servers that have no configuration yet.
func newDebian(tb testing.TB, n int) []*Debian {
	tb.Helper()
	program, err := exec.LookPath("clickhouse-server")
	if err != nil {
		testserver.Missing(tb, "clickhouse-server is not installed (apt-get install clickhouse-server): %v", err)
	}
	servers := make([]*Debian, n)
	for i := range servers {
		servers[i] = &Debian{testserver.New(tb, "clickhouse-server"), program}
	}
	return servers
}

// replica is the server in the configuration of a cluster.
func (s *Debian) replica() string {
	return fmt.Sprintf("<replica><host>127.0.0.1</host><port>%d</port></replica>", s.Port)
}

// configure writes the configuration of the server: its clusters, and what else is in it.
func (s *Debian) configure(cluster, more string) {
	fill := strings.NewReplacer("{{port}}", strconv.Itoa(s.Port), "{{folder}}", s.Dir, "{{cluster}}", cluster, "{{more}}", more)
	s.Mkdir("data")
	s.Mkdir("tmp")
	s.Write("config.xml", fill.Replace(debianConfig))
	s.Write("users.xml", debianUsers)
}

// DSN is the connection string of the server, for the native protocol.
func (s *Debian) DSN() string { return "clickhouse://" + s.Address() + "/default" }

// Start starts the server again after a Kill, and waits until it answers.
func (s *Debian) Start() {
	s.Run(s.Command(s.program, "--config-file="+filepath.Join(s.Dir, "config.xml")), s.Listens)
}
