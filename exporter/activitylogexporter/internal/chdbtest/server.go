package chdbtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// The environment of the process that serves.
const (
	serveLibrary = "ACTIVITYLOG_CHDB_SERVE"
	serveAddress = "ACTIVITYLOG_CHDB_ADDRESS"
	serveFolder  = "ACTIVITYLOG_CHDB_FOLDER"
)

// Serve makes a test program the process that [Start] runs. TestMain calls it
// first; it returns unless this is that process.
func Serve() {
	if os.Getenv(serveLibrary) == "" {
		return
	}
	endWithTest()
	fmt.Fprintln(os.Stderr, serve(os.Getenv(serveLibrary), os.Getenv(serveAddress), os.Getenv(serveFolder)))
	os.Exit(1)
}

// endWithTest ends this process when the test is gone, in whatever way.
func endWithTest() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}

// Main is what the command serve does. It returns an exit code.
func Main(address, folder string) int {
	path, err := find()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	if err := configure(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	endWithTest()
	fmt.Fprintln(os.Stderr, serve(path, address, folder))
	return 1
}

// sessions is how many statements run at once, and as many of readers.
const sessions = 6

func serve(path, address, folder string) error {
	lib, err := load(path)
	if err != nil {
		return err
	}
	f := &front{sessions: make(chan *session, sessions), readers: make(chan *session, sessions)}
	for _, idle := range []chan *session{f.sessions, f.readers} {
		for range sessions {
			s, err := lib.open("--path="+filepath.Join(folder, "data"), "--config-file="+filepath.Join(folder, "config.xml"))
			if err != nil {
				return err
			}
			idle <- s
		}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return (&http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}).Serve(listener)
}

// Server is a running ClickHouse. It is not a [testserver.Server], which runs as an
// account that may read neither the test program nor the library.
type Server struct {
	tb      testing.TB
	library string
	folder  string
	address string
	log     process.Log
	running *process.Process // nil after Kill
}

// Start starts a server, which stops with the test. Where the engine is not
// installed the test is skipped, or fails if the environment has CI=true.
func Start(tb testing.TB) *Server {
	tb.Helper()
	path, err := find()
	if err != nil {
		testserver.Missing(tb, "the ClickHouse engine is not installed (sh scripts/databases.sh): %v", err)
	}
	s := &Server{tb: tb, library: path, folder: tb.TempDir(), address: testserver.FreeAddr(tb)}
	s.configure()
	tb.Cleanup(s.Kill)
	s.Start()
	return s
}

// find returns the path of libchdb.so: ACTIVITYLOG_CHDB, or where
// scripts/databases.sh puts it.
func find() (string, error) {
	path := os.Getenv("ACTIVITYLOG_CHDB")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(cache, "activitylog", "chdb-26.5.3", "libchdb.so")
	}
	_, err := os.Stat(path)
	return path, err
}

// Address is where the server listens, host:port.
func (s *Server) Address() string { return s.address }

// DSN is the connection string of a database of the server.
func (s *Server) DSN(database string) string { return "http://" + s.address + "/" + database }

// Start starts the server again after a [Server.Kill], on the same data and
// address, and waits until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	self, err := os.Executable()
	if err != nil {
		s.tb.Fatalf("find this program: %v", err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), serveLibrary+"="+s.library, serveAddress+"="+s.address, serveFolder+"="+s.folder)
	if _, err := cmd.StdinPipe(); err != nil { // it ends with this process
		s.tb.Fatalf("start engine: %v", err)
	}
	if s.running, err = process.Start(cmd, &s.log); err != nil {
		s.tb.Fatalf("start engine: %v", err)
	}
	ctx, cancel := context.WithTimeout(s.tb.Context(), time.Minute)
	defer cancel()
	if err := s.running.WaitUntil(ctx, s.listens); err != nil {
		s.tb.Fatalf("start engine: %v", err)
	}
}

// listens returns an error until the server accepts connections.
func (s *Server) listens(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// Kill stops the server at once, as a crash does.
func (s *Server) Kill() {
	if s.running == nil {
		return
	}
	s.running.Kill()
	s.running = nil
}
