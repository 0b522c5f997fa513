package scale_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/relaytest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
)

// TestFailoverGalera has three nodes of MariaDB Galera.
func TestFailoverGalera(t *testing.T) {
	beside(t)
	cluster := mariatest.StartCluster(t)
	t.Run("nodes killed", func(t *testing.T) { nodesKilled(t, cluster) })
	t.Run("two collectors", func(t *testing.T) { twoCollectors(t, cluster) })
}

// nodesKilled has HAProxy before the cluster, and kills its nodes.
func nodesKilled(t *testing.T, cluster *mariatest.Cluster) {
	what := "MariaDB Galera behind HAProxy: the node in use killed, and joins again"
	if table.Full() {
		what = "MariaDB Galera behind HAProxy: a node killed, the node in use killed, two of three killed, all killed; they join again"
	}
	line := table.Begin(t, failingOver, what)
	nodes := cluster.Nodes
	c := collectortest.Start(t, collectortest.Config{Driver: "mysql", DSN: cluster.Proxy()})
	n := records(40_000)
	b := bulk(n, load.HTTP(c.HTTP))
	b.Rate = min(10_000, rate(4_000))
	b.Start()
	kills := [][]*mariatest.Server{nodes[:1]}
	if table.Full() {
		kills = [][]*mariatest.Server{nodes[2:], nodes[:1], nodes[1:], nodes}
	}
	for i, killed := range kills {
		b.WaitFor(t, n*(i+1)/(len(kills)+2))
		cluster.Kill(killed...)
		if len(killed) == 1 { // while the others go on
			alive := nodes[1]
			testserver.Eventually(t, time.Minute, func() bool { return alive.Size() == "2" }, "the cluster notices that a node is dead")
		}
		time.Sleep(time.Second)
		cluster.Join(killed...)
	}
	b.Wait()
	line.Over()
	onEach(t, line.Count, b, nodes, "activity")
}

// onEach compares the rows of each node, and calls count with those of the first.
func onEach(t *testing.T, count func(load.Result), b *load.Bulk, nodes []*mariatest.Server, database string) {
	t.Helper()
	for i, node := range nodes {
		result := b.Expect(t, load.Open(t, "mysql", strings.TrimSuffix(node.DSN(), "activity")+database))
		if i == 0 {
			count(result)
		}
	}
}

// twoCollectors sends each record to two collectors, which write to different nodes at
// the same time, so that transactions are refused when they are certified.
func twoCollectors(t *testing.T, cluster *mariatest.Cluster) {
	line := table.Begin(t, failingOver, "MariaDB Galera: the same records to two collectors, on two nodes")
	nodes := cluster.Nodes
	nodes[0].Execute("CREATE DATABASE second")
	var both []load.Send
	for _, node := range nodes[:2] { // the second one starts while the first creates the tables
		c := collectortest.Start(t, collectortest.Config{Driver: "mysql", DSN: strings.TrimSuffix(node.DSN(), "activity") + "second"})
		both = append(both, load.HTTP(c.HTTP))
	}
	b := bulk(records(20_000), func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		second := make(chan error, 1)
		go func() { second <- both[1](ctx, request) }()
		return errors.Join(both[0](ctx, request), <-second)
	})
	b.Start()
	b.Wait()
	line.Over()
	onEach(t, line.Count, b, nodes, "second")
	refused := galeraStatus(t, nodes[0], "wsrep_local_cert_failures") + galeraStatus(t, nodes[1], "wsrep_local_cert_failures")
	aborted := galeraStatus(t, nodes[0], "wsrep_local_bf_aborts") + galeraStatus(t, nodes[1], "wsrep_local_bf_aborts")
	if refused+aborted == 0 {
		t.Error("no transaction was refused or aborted, so that nothing is tested here")
	}
	line.Say("%d transactions refused, %d aborted, and retried", refused, aborted)
}

// galeraStatus is a number that a node counts.
func galeraStatus(t *testing.T, node *mariatest.Server, name string) int {
	t.Helper()
	text, err := node.Query("SHOW STATUS LIKE '" + name + "'")
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	number, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(text, name)))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return number
}

// TestFailoverReadOnly moves the writes from one MariaDB to its replica, as operators do:
// the first becomes read-only, the replica gets the rest, and new connections to the same
// address reach the replica. Those that are open stay with the first. With queue::keep rows
// are written again, which all are there.
func TestFailoverReadOnly(t *testing.T) {
	if !table.Full() {
		t.Skip("runs in make test-scale")
	}
	line := table.Begin(t, failingOver, "MariaDB: read_only under load, then the replica behind the same address; open connections stay")
	first := mariatest.Start(t, "--log-bin=bin", "--server-id=1", "--gtid-strict-mode=ON")
	replica := mariatest.Start(t, "--log-bin=bin", "--server-id=2", "--gtid-strict-mode=OFF")
	// Whoever may do anything may also write to a server that is read-only.
	first.Execute("CREATE USER writer@'127.0.0.1' IDENTIFIED BY 'writer'; GRANT ALL ON activity.* TO writer@'127.0.0.1'")
	replica.Execute("RESET MASTER; CHANGE MASTER TO master_host='127.0.0.1', master_port=" + strconv.Itoa(first.Port) +
		", master_user='activity', master_password='" + mariatest.Password + "', master_use_gtid=slave_pos; START SLAVE")
	var inUse atomic.Value
	inUse.Store(first.Address())
	address := relaytest.Start(t, func() string { return inUse.Load().(string) })
	c := collectortest.Start(t, collectortest.Config{Driver: "mysql", DSN: "writer:writer@tcp(" + address + ")/activity",
		Args: []string{"--config=yaml:exporters::activitylog::queue::keep: 1m"}})
	n := records(40_000)
	b := bulk(n, load.HTTP(c.HTTP))
	b.Rate = rate(10_000)
	b.Start()
	b.WaitFor(t, n/2)
	first.Execute("SET GLOBAL read_only = 1")
	time.Sleep(time.Second)
	at, err := first.Query("SELECT @@gtid_binlog_pos")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := replica.Query("SELECT MASTER_GTID_WAIT('" + at + "', 60)"); err != nil || got != "0" {
		t.Fatalf("wait for the replica: %s, %v", got, err)
	}
	replica.Execute("STOP SLAVE")
	inUse.Store(replica.Address())
	b.Wait()
	line.Over()
	line.Count(b.Expect(t, load.Open(t, "mysql", replica.DSN())))
	if !strings.Contains(c.Log(), "written to another server") {
		t.Error("the log does not say that the server is another one")
	}
}
