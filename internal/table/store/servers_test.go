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
				_, moved := v.moved(string(server), now.Add(time.Duration(i)*time.Second), recently)
				got.WriteByte(map[bool]byte{true: 'y', false: '.'}[moved])
			}
			if got.String() != tt.want {
				t.Errorf("%s: got %s, want %s", tt.servers, got.String(), tt.want)
			}
		})
	}
}
