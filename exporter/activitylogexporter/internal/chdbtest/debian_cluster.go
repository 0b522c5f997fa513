package chdbtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// ReplicatedCluster is the name of the cluster of [DebianCluster].
const ReplicatedCluster = "replicated"

// DebianCluster is a cluster of Debian's servers: two shards of two replicas each, and
// the ZooKeeper that they need.
type DebianCluster struct {
	Servers []*Debian // those of the first shard, then those of the second
	Keeper  *Keeper
}

// The ratio is of rows on disk that ZooKeeper does not know, as a killed server has them:
// by default, a server with many such rows among few others does not start.
const replicaConfig = `<zookeeper><node><host>127.0.0.1</host><port>{{keeper}}</port></node>
<session_timeout_ms>{{session}}</session_timeout_ms></zookeeper>
<macros><shard>{{shard}}</shard><replica>{{replica}}</replica></macros>
<merge_tree><zookeeper_session_expiration_check_period>1</zookeeper_session_expiration_check_period>
<replicated_max_ratio_of_wrong_parts>1</replicated_max_ratio_of_wrong_parts></merge_tree>
<distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>
<interserver_http_host>127.0.0.1</interserver_http_host><interserver_http_port>{{interserver}}</interserver_http_port>
`

// sessionTimeout is after which time ZooKeeper takes a server for dead.
const sessionTimeout = 1500 * time.Millisecond

// StartDebianCluster starts a cluster, which stops with the test. Where a package is not
// installed the test is skipped, or fails if the environment has CI=true.
func StartDebianCluster(tb testing.TB) *DebianCluster {
	tb.Helper()
	c := &DebianCluster{Keeper: newKeeper(tb), Servers: newDebian(tb, 4)}
	c.Keeper.Start()
	var shards strings.Builder
	for i, s := range c.Servers {
		if i%2 == 0 {
			shards.WriteString("<shard><internal_replication>true</internal_replication>")
		}
		shards.WriteString(s.replica())
		if i%2 == 1 {
			shards.WriteString("</shard>")
		}
	}
	cluster := "<" + ReplicatedCluster + ">" + shards.String() + "</" + ReplicatedCluster + ">"
	for i, s := range c.Servers {
		_, interserver, err := net.SplitHostPort(testserver.FreeAddr(tb))
		if err != nil {
			tb.Fatal(err)
		}
		s.configure(cluster, strings.NewReplacer("{{keeper}}", strconv.Itoa(c.Keeper.Port), "{{session}}", strconv.FormatInt(sessionTimeout.Milliseconds(), 10),
			"{{shard}}", strconv.Itoa(i/2+1), "{{replica}}", fmt.Sprint("r", i%2+1), "{{interserver}}", interserver).Replace(replicaConfig))
		s.Start()
	}
	return c
}

// DSN is the connection string of all servers, tried in order.
func (c *DebianCluster) DSN() string {
	hosts := make([]string, len(c.Servers))
	for i, s := range c.Servers {
		hosts[i] = s.Address()
	}
	return "clickhouse://" + strings.Join(hosts, ",") + "/default"
}

// Restart starts a server that was killed, once ZooKeeper takes it for dead: until then its
// tables would be read-only, and only ten seconds later it would try again.
func (c *DebianCluster) Restart(server int) {
	time.Sleep(sessionTimeout + 500*time.Millisecond)
	c.Servers[server].Start()
}

// Keeper is a running ZooKeeper.
type Keeper struct {
	*testserver.Server
	java string
}

// keeperJars are those of Debian's package libzookeeper-java and what it needs.
var keeperJars = []string{
	"zookeeper", "zookeeper-jute", "slf4j-api", "slf4j-simple", "netty-all", "netty-handler", "netty-transport", "netty-buffer", "netty-common",
	"netty-resolver", "netty-codec", "snappy-java", "metrics-core", "commons-cli", "jackson-core", "jackson-databind", "jackson-annotations",
}

const javaFolder = "/usr/share/java"

func newKeeper(tb testing.TB) *Keeper {
	tb.Helper()
	java, err := exec.LookPath("java")
	if err == nil {
		_, err = os.Stat(filepath.Join(javaFolder, "zookeeper.jar"))
	}
	if err != nil {
		testserver.Missing(tb, "ZooKeeper is not installed (apt-get install libzookeeper-java default-jre-headless): %v", err)
	}
	k := &Keeper{testserver.New(tb, "zookeeper"), java}
	k.Mkdir("data")
	k.Write("zoo.cfg", fmt.Sprintf("tickTime=300\ndataDir=%s\nclientPort=%d\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n",
		filepath.Join(k.Dir, "data"), k.Port))
	return k
}

// Start starts it, also again after a Kill, and waits until it answers.
func (k *Keeper) Start() {
	jars := make([]string, len(keeperJars))
	for i, name := range keeperJars {
		jars[i] = filepath.Join(javaFolder, name+".jar")
	}
	k.Run(k.Command(k.java, "-Xmx128m", "-cp", strings.Join(jars, ":"), "org.apache.zookeeper.server.quorum.QuorumPeerMain",
		filepath.Join(k.Dir, "zoo.cfg")), k.serves)
}

// serves returns an error until ZooKeeper serves: it listens before. A ClickHouse that
// meets it then crashes at its first statement ON CLUSTER.
func (k *Keeper) serves(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", k.Address())
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // what it is asked too early it never answers
	if _, err := io.WriteString(conn, "srvr"); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err == nil && !strings.Contains(string(answer), "Mode:") {
		err = fmt.Errorf("ZooKeeper answers %q", answer)
	}
	return err
}
