package pgtest

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
)

// Standby makes a copy of the server and starts it as a standby, which gets by
// streaming what is committed. It stops with the test.
func (s *Server) Standby() *Server {
	s.tb.Helper()
	if _, err := binary("pg_basebackup"); err != nil {
		s.tb.Skipf("SKIPPED, NOTHING IS TESTED HERE: this PostgreSQL has no program to make a standby with: %v", err)
	}
	standby := newServer(s.tb, s.flags)
	cmd := s.command("pg_basebackup", "-D", standby.data(), "-R", "-X", "stream", "-c", "fast", "-d",
		fmt.Sprintf("host=127.0.0.1 port=%d user=activity password=%s application_name=standby", s.Port, Password))
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	standby.Start()
	return standby
}

// Promote makes a standby a primary.
func (s *Server) Promote() {
	s.tb.Helper()
	if out, err := s.command("pg_ctl", "-D", s.data(), "promote", "-w").CombinedOutput(); err != nil {
		s.tb.Fatalf("promote: %v\n%s", err, out)
	}
}

// Rejoin makes a server that was primary, and was killed, a standby of the new one:
// pg_rewind undoes what the new primary does not have. The old one needs
// wal_log_hints, and its log since the two parted (wal_keep_size).
func (s *Server) Rejoin(primary *Server) {
	s.tb.Helper()
	s.flags = append(s.flags, "-c", "synchronous_standby_names=") // else its end of the recovery could wait for a standby
	s.Start()                                                     // pg_rewind wants a server that was shut down
	s.Stop()
	primary.run("psql", primary.DSN(), "-Xqc", "CHECKPOINT")
	source := fmt.Sprintf("host=127.0.0.1 port=%d user=activity password=%s dbname=postgres application_name=standby", primary.Port, Password)
	s.run("pg_rewind", "-D", s.data(), "-R", "--source-server="+source)
	s.Start()
}

func (s *Server) run(name string, args ...string) {
	s.tb.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		s.tb.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Sender returns the process that sends to a standby what is committed. It is 0 if
// no standby is connected.
func (s *Server) Sender() int {
	s.tb.Helper()
	out, err := s.command("psql", s.DSN(), "-XAtqc", "SELECT pid FROM pg_stat_replication").Output()
	if err != nil {
		s.tb.Fatalf("look for the process that sends to a standby: %v", err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(out)))
	return pid
}

// Freeze stops all processes of the server without ending them: it accepts
// connections, and says nothing. It is killed with the test.
func (s *Server) Freeze() {
	s.tb.Helper()
	for _, pid := range s.PIDs() {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			s.tb.Fatalf("freeze: %v", err)
		}
	}
	s.tb.Cleanup(s.Kill)
}
