package mariatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// provider is Galera, where Debian installs it.
const provider = "/usr/lib/galera/libgalera_smm.so"

// syncTime is how long a node may take until it has what the others have.
const syncTime = time.Minute

// Cluster is a MariaDB Galera cluster of three nodes, each a server of its own. A
// transaction is on all nodes when its commit returns.
type Cluster struct {
	Nodes []*Server
	tb    testing.TB
}

// StartCluster starts a cluster, which stops with the test. Where Galera is not
// installed the test is skipped, or fails if the environment has CI=true.
func StartCluster(tb testing.TB) *Cluster {
	tb.Helper()
	_, err := os.Stat(provider)
	_, rsync := exec.LookPath("rsync") // by which a node gets the data of another
	if err := errors.Join(err, rsync); err != nil {
		testserver.Missing(tb, "MariaDB Galera is not installed (apt-get install mariadb-server galera-4 rsync): %v", err)
	}
	c := &Cluster{tb: tb}
	for range 3 {
		node := &Server{Server: testserver.New(tb, "MariaDB Galera", "mysql"), tb: tb}
		c.Nodes = append(c.Nodes, node)
	}
	tb.Cleanup(func() {
		for _, node := range c.Nodes {
			node.Kill() // a node that is alone may wait for the others when it is stopped
		}
	})
	c.flag()
	first := c.Nodes[0]
	first.initialise()
	first.Run(first.server("--init-file="+first.accounts(), "--wsrep-new-cluster"), first.synced)
	first.Stop() // it has noted where it was, so that a copy of its data can join
	for _, node := range c.Nodes[1:] {
		if out, err := node.Command("cp", "-r", first.data(), node.data()).CombinedOutput(); err != nil {
			tb.Fatalf("copy the data of the first node: %v\n%s", err, out)
		}
	}
	first.Run(first.server("--wsrep-new-cluster"), first.synced)
	c.Join(c.Nodes[1:]...)
	return c
}

// flag gives each node its addresses: for the group, and for the two ways in which it
// gets data.
func (c *Cluster) flag() {
	c.tb.Helper()
	addresses, err := process.FreeAddrs(3 * len(c.Nodes))
	if err != nil {
		c.tb.Fatal(err)
	}
	group := strings.Join(addresses[:len(c.Nodes)], ",")
	for i, node := range c.Nodes {
		listen, increment, state := addresses[i], addresses[len(c.Nodes)+i], addresses[2*len(c.Nodes)+i]
		node.flags = []string{
			"--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", "--wsrep-provider=" + provider,
			"--wsrep-cluster-name=activity", "--wsrep-cluster-address=gcomm://" + group, fmt.Sprintf("--wsrep-node-name=n%d", i+1),
			"--wsrep-node-address=" + listen, "--wsrep-sst-method=rsync", "--wsrep-sst-receive-address=" + state,
			"--wsrep-provider-options=gmcast.listen_addr=tcp://" + listen + ";ist.recv_addr=" + increment + ";gcache.size=64M",
		}
	}
}

// Join starts nodes that do not run, all at the same time, and waits until they have
// what the others have. As Debian's unit does, it first asks each where it was.
func (c *Cluster) Join(nodes ...*Server) {
	c.tb.Helper()
	for _, node := range nodes {
		node.Run(node.server("--wsrep-start-position="+node.position()), func(context.Context) error { return nil })
	}
	for _, node := range nodes {
		for deadline := time.Now().Add(syncTime); node.synced(c.tb.Context()) != nil; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				c.tb.Fatalf("a node did not join the cluster within %v: %v\n%s", syncTime, node.synced(c.tb.Context()), node.LogTail(150))
			}
		}
	}
}

// position is where a node was when it ended: the last transaction that it has.
func (s *Server) position() string {
	s.tb.Helper()
	out, err := s.server("--wsrep-recover").CombinedOutput()
	const before = "Recovered position: "
	_, position, found := strings.Cut(string(out), before)
	position, _, _ = strings.Cut(position, "\n")
	if position, _, _ = strings.Cut(position, ","); err != nil || !found {
		s.tb.Fatalf("ask a node where it was: %v\n%s", err, out)
	}
	return strings.TrimSpace(position)
}

// Kill kills nodes with SIGKILL, all at the same time.
func (c *Cluster) Kill(nodes ...*Server) {
	for _, node := range nodes {
		_ = syscall.Kill(node.PID(), syscall.SIGKILL)
	}
	for _, node := range nodes {
		node.Kill()
	}
}

// synced reports an error until the node has what the others have, and takes
// statements.
func (s *Server) synced(context.Context) error {
	state, err := s.Query("SHOW STATUS LIKE 'wsrep_local_state_comment'")
	if err == nil && !strings.HasSuffix(state, "Synced") {
		err = fmt.Errorf("%s", state)
	}
	return err
}

// Size is of how many nodes the cluster of this node is.
func (s *Server) Size() string {
	size, _ := s.Query("SHOW STATUS LIKE 'wsrep_cluster_size'")
	return strings.TrimSpace(strings.TrimPrefix(size, "wsrep_cluster_size"))
}

// Proxy starts HAProxy before the cluster, and returns the DSN of its database. All
// connections go to the first node that answers.
func (c *Cluster) Proxy() string {
	c.tb.Helper()
	path, err := binary("haproxy")
	if err != nil {
		testserver.Missing(c.tb, "HAProxy is not installed (apt-get install haproxy): %v", err)
	}
	c.Nodes[0].Execute("CREATE USER IF NOT EXISTS haproxy@'127.0.0.1'") // without rights, for its checks
	proxy := testserver.New(c.tb, "HAProxy", "haproxy")
	config := fmt.Sprintf(`defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen galera
  bind %s
  option mysql-check user haproxy
  default-server inter 500ms fall 2 rise 2 on-marked-down shutdown-sessions
`, proxy.Address())
	for i, node := range c.Nodes {
		config += fmt.Sprintf("  server n%d %s check", i+1, node.Address()) + []string{"\n", " backup\n"}[min(i, 1)]
	}
	proxy.Run(proxy.Command(path, "-db", "-f", proxy.Write("haproxy.cfg", config)), proxy.Listens)
	return strings.Replace(c.Nodes[0].DSN(), c.Nodes[0].Address(), proxy.Address(), 1)
}
