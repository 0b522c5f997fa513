package faults_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// service is the example blog as a child process, which is killed and started
// again at the same address.
type service struct {
	tb      testing.TB
	addr    string
	cmd     func() *exec.Cmd
	log     process.Log
	running *process.Process
	cookie  string
}

// startService builds the blog and starts it.
func startService(tb testing.TB, env ...string) *service {
	tb.Helper()
	dir := tb.TempDir()
	program := filepath.Join(dir, "blog")
	build := exec.Command("go", "build", "-o", program, "./blog")
	build.Dir = filepath.Join("..", "..", "examples")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("build the blog: %v\n%s", err, out)
	}
	addr := testserver.FreeAddr(tb)
	s := &service{tb: tb, addr: addr}
	s.cmd = func() *exec.Cmd {
		cmd := exec.Command(program, "-addr="+s.addr, "-db="+filepath.Join(dir, "blog.db"))
		cmd.Env = append(os.Environ(), env...)
		return cmd
	}
	s.start()
	tb.Cleanup(func() {
		s.running.Kill()
		if tb.Failed() {
			tb.Logf("the end of the service's log:\n%s", s.log.Tail(40))
		}
	})
	s.login()
	return s
}

func (s *service) start() {
	s.tb.Helper()
	var err error
	if s.running, err = process.Start(s.cmd(), &s.log); err != nil {
		s.tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.running.WaitUntil(ctx, func(ctx context.Context) error {
		_, err := s.get(ctx, http.DefaultClient, "/ping")
		return err
	}); err != nil {
		s.tb.Fatal(err)
	}
}

// kill sends SIGKILL and starts the service again.
func (s *service) kill() {
	s.tb.Helper()
	s.running.Kill()
	s.start()
}

// stop sends SIGTERM: the service sends what it has.
func (s *service) stop() {
	s.tb.Helper()
	if err := s.running.Stop(syscall.SIGTERM, 30*time.Second); err != nil {
		s.tb.Errorf("stop the service: %v", err)
	}
}

// end sends SIGTERM; the service may say that it could not send all.
func (s *service) end() {
	s.tb.Helper()
	if err := s.running.Stop(syscall.SIGTERM, 30*time.Second); err != nil && !strings.Contains(err.Error(), "exit status 1") {
		s.tb.Errorf("stop the service: %v", err)
	}
}

func (s *service) login() {
	s.tb.Helper()
	res, err := http.Post("http://"+s.addr+"/api/login", "application/json", strings.NewReader(`{"username":"alice","password":"wonderland"}`))
	if err != nil {
		s.tb.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		s.cookie = c.Name + "=" + c.Value
	}
	if s.cookie == "" {
		body, _ := io.ReadAll(res.Body)
		s.tb.Fatalf("log in: %s %s", res.Status, body)
	}
}

// get makes a request and reads the whole answer.
func (s *service) get(ctx context.Context, client *http.Client, path string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Cookie", s.cookie)
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	return res.StatusCode, nil
}

// clients make requests, so many a second, and know which of them they saw
// answered. Each request is for an object of its own.
type clients struct {
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu       sync.Mutex
	answered map[string]bool
	failed   int
	refused  int // of these, with 503
}

func startClients(s *service, perSecond int) *clients {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	c := &clients{cancel: cancel, answered: map[string]bool{}}
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	c.done.Go(func() {
		defer client.CloseIdleConnections()
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		var inFlight sync.WaitGroup
		defer inFlight.Wait()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				inFlight.Go(func() { c.request(s, client, fmt.Sprint(1000000+n)) })
			}
		}
	})
	return c
}

func (c *clients) request(s *service, client *http.Client, id string) {
	// There is no such article: that somebody asked for it is an activity.
	status, err := s.get(context.Background(), client, "/api/articles/"+id)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && status == http.StatusServiceUnavailable {
		c.refused++
	}
	if err != nil || status != http.StatusNotFound {
		c.failed++
		return
	}
	c.answered[id] = true
}

func (c *clients) stop() {
	c.cancel()
	c.done.Wait()
}

// compare compares the requests that were answered with how many rows there are
// of each object.
func (c *clients) compare(rows map[string]int) (result load.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	result.Acknowledged = len(c.answered)
	for id := range c.answered {
		if rows[id] == 0 {
			result.Lost++
		}
	}
	for id, n := range rows {
		result.Rows += n
		if id != "" && n > 1 {
			result.Doubled++
		}
	}
	result.Complete = time.Now()
	return result
}
