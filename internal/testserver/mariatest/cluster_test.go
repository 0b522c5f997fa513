package mariatest_test

import (
	"os"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
)

// TestCluster checks that a node that was killed gets what it has missed, and that a
// cluster whose nodes were all killed comes back.
func TestCluster(t *testing.T) {
	if os.Getenv("ACTIVITYLOG_SCALE") != "full" {
		t.Skip("runs in make test-scale; e2e/scale uses a cluster in make test")
	}
	c := mariatest.StartCluster(t)
	first, third := c.Nodes[0], c.Nodes[2]
	first.Execute("CREATE TABLE activity.kept (n INT PRIMARY KEY)")
	c.Kill(third)
	testserver.Eventually(t, time.Minute, func() bool { return first.Size() == "2" }, "the cluster notices that a node is dead")
	first.Execute("INSERT INTO activity.kept VALUES (42)")
	c.Join(third)
	kept := func(node *mariatest.Server) {
		t.Helper()
		if got, err := node.Query("SELECT n FROM activity.kept"); err != nil || got != "42" {
			t.Errorf("got %q, %v, want 42", got, err)
		}
	}
	kept(third)
	c.Kill(c.Nodes...)
	c.Join(c.Nodes...)
	for _, node := range c.Nodes {
		kept(node)
	}
}
