// Package broker runs franz-go's kfake, which speaks Kafka's protocol and keeps its topics in files,
// as a process of its own that tests can kill. It is no Kafka: what is shown with it is what the
// collectors do, not what a cluster of brokers does.
package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// The topics of examples/scale, and their partitions.
const (
	Logs       = "activity_logs"
	Traces     = "activity_spans"
	Partitions = 6
)

// variable says to a test binary that it is a broker: its port, a colon, and its folder.
const variable = "ACTIVITYLOG_TEST_BROKER"

// MaxMessage is the size of the largest message, in bytes; examples/scale names it.
const MaxMessage = 9_000_000

// Main is for TestMain: where the process is to be a broker it is one until it is killed, and does
// not return.
func Main() {
	port, dir, asked := strings.Cut(os.Getenv(variable), ":")
	if !asked {
		return
	}
	number, _ := strconv.Atoi(port)
	cluster, err := kfake.NewCluster(kfake.Ports(number), kfake.NumBrokers(1), kfake.SeedTopics(Partitions, Logs, Traces),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": strconv.Itoa(MaxMessage)}), kfake.DataDir(dir), kfake.SyncWrites())
	if err != nil {
		fmt.Fprintln(os.Stderr, "start the broker:", err)
		os.Exit(1)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
	cluster.Close()
	os.Exit(0)
}

// Broker is a broker that ends with its test.
type Broker struct {
	Address string // host:port

	tb      testing.TB
	dir     string
	log     process.Log
	running *process.Process
}

// Start starts a broker with the topics.
func Start(tb testing.TB) *Broker {
	tb.Helper()
	addresses, err := process.FreeAddrs(1)
	if err != nil {
		tb.Fatal(err)
	}
	b := &Broker{Address: addresses[0], tb: tb, dir: filepath.Join(tb.TempDir(), "broker")}
	tb.Cleanup(b.Kill)
	b.Restart()
	return b
}

// Restart starts the broker again, on its port and with its topics.
func (b *Broker) Restart() {
	b.tb.Helper()
	_, port, _ := net.SplitHostPort(b.Address)
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), variable+"="+port+":"+b.dir)
	running, err := process.Start(cmd, &b.log)
	if err != nil {
		b.tb.Fatal(err)
	}
	b.running = running
	ctx, cancel := context.WithTimeout(b.tb.Context(), 20*time.Second)
	defer cancel()
	err = b.running.WaitUntil(ctx, func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", b.Address)
		return errors.Join(err, closed(connection))
	})
	if err != nil {
		b.tb.Fatalf("start the broker: %v", err)
	}
}

func closed(connection net.Conn) error {
	if connection == nil {
		return nil
	}
	return connection.Close()
}

// Kill kills the broker with SIGKILL.
func (b *Broker) Kill() {
	if b.running != nil {
		b.running.Kill()
	}
}
