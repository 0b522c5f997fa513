package load

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestAwait checks that a wait goes on while rows come, and not for longer.
func TestAwait(t *testing.T) {
	for name, tt := range map[string]struct {
		lost func(passed time.Duration) int
		want int
		took time.Duration // at least; a second more at most
	}{
		"nothing is lost": {func(time.Duration) int { return 0 }, 0, 0},
		"no row comes":    {func(time.Duration) int { return 3 }, 3, patience},
		"rows come":       {func(passed time.Duration) int { return max(0, 5-int(passed/(patience-time.Second))) }, 0, 5 * (patience - time.Second)},
		"a row, and then none": {func(passed time.Duration) int {
			if passed < 10*time.Second {
				return 3
			}
			return 2
		}, 2, patience + 10*time.Second},
		"a database that answers now and then": {func(passed time.Duration) int { return 3 + int(passed/time.Second)%2 }, 3, patience},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				result := Await(func() Result { return Result{Lost: tt.lost(time.Since(began))} })
				if result.Lost < tt.want || result.Lost > tt.want+1 {
					t.Errorf("%d lost, want %d", result.Lost, tt.want)
				}
				if took := time.Since(began); took < tt.took || took > tt.took+time.Second {
					t.Errorf("waited %v, want %v", took, tt.took)
				}
			})
		})
	}
}
