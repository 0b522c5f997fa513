package chdbtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Inserter is a user with the rights that an exporter with create_schema: false
// needs on activity_log, in the databases test1 to test99.
const Inserter = "inserter"

// Cluster is a cluster of one shard, this server.
const Cluster = "single"

const config = `<clickhouse>
<users_config>{{folder}}/users.xml</users_config>
<user_directories><users_xml><path>{{folder}}/users.xml</path></users_xml></user_directories>
<tcp_port>9000</tcp_port> <!-- nothing listens there: with it, the engine sees that the shard is itself -->
<remote_servers><{{cluster}}><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></{{cluster}}></remote_servers>
</clickhouse>`

// The engine has one user. Who connects as another gets the role of that name.
const users = `<clickhouse>
<profiles><default/></profiles>
<quotas><default/></quotas>
<roles>
<admin><grants><query>GRANT ALL ON *.*</query></grants></admin>
<{{inserter}}><grants>{{grants}}</grants></{{inserter}}>
</roles>
<users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<grants><query>GRANT admin, {{inserter}}</query></grants></default></users>
</clickhouse>`

// configure writes the configuration of the server.
func (s *Server) configure() {
	s.tb.Helper()
	if err := configure(s.folder); err != nil {
		s.tb.Fatalf("configure engine: %v", err)
	}
}

// configure writes the configuration of an engine whose folder this is.
func configure(folder string) error {
	var grants strings.Builder
	for i := range 99 {
		for _, table := range []string{"activity_log_store", "activity_log_dead_letter_store"} {
			grants.WriteString("<query>GRANT INSERT ON " + database(i+1) + "." + table + "</query>")
		}
	}
	fill := strings.NewReplacer("{{folder}}", folder, "{{inserter}}", Inserter, "{{cluster}}", Cluster, "{{grants}}", grants.String())
	for name, text := range map[string]string{"config.xml": config, "users.xml": users} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(fill.Replace(text)), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func database(n int) string { return "test" + strconv.Itoa(n) }
