package store

import (
	"strings"
	"testing"
	"time"
)

func TestMoved(t *testing.T) {
	const recently = 10 * time.Second
	for name, tt := range map[string]struct {
		servers string // one each second
		want    string // y: it is another server
	}{
		"one server":              {"AAAA", "...."},
		"a failover":              {"AAABBB", "...y.."},
		"back at once":            {"AAABBA", "...y.."},
		"back later":              {"A" + strings.Repeat("B", 12) + "A", ".y" + strings.Repeat(".", 11) + "y"},
		"a balancer":              {"ABCABCABCABCABCABC", ".yy..............."},
		"a new one in a balancer": {"ABABDADADA", ".y..y....."},
	} {
		t.Run(name, func(t *testing.T) {
			var v servers
			var got strings.Builder
			now := time.Now()
			for i, server := range tt.servers {
				mark := byte('.')
				v.note(string(server), now.Add(time.Duration(i)*time.Second), recently, func(string, string) { mark = 'y' })
				got.WriteByte(mark)
			}
			if got.String() != tt.want {
				t.Errorf("%s: got %s, want %s", tt.servers, got.String(), tt.want)
			}
		})
	}
}

// TestMovedFirst: no transaction goes on with another server before Moved has returned. Its
// rows would be taken for those of a server that has all.
func TestMovedFirst(t *testing.T) {
	var v servers
	now := time.Now()
	v.note("A", now, time.Second, nil)
	entered, leave := make(chan struct{}), make(chan struct{})
	go v.note("B", now, time.Second, func(from, to string) {
		if from != "A" || to != "B" {
			t.Errorf("moved from %s to %s", from, to)
		}
		close(entered)
		<-leave
	})
	<-entered
	second := make(chan struct{})
	go func() {
		v.note("B", now, time.Second, func(string, string) { t.Error("moved twice") })
		close(second)
	}()
	select {
	case <-second:
		t.Error("another transaction went on meanwhile")
	case <-time.After(20 * time.Millisecond):
	}
	close(leave)
	<-second
}
