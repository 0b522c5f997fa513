package declared

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzIndex compares an index with one that forgets nothing: it must know what
// was declared within the last minute, must never know what was not, and must
// count each request, and none more often than it came.
func FuzzIndex(f *testing.F) {
	f.Add([]byte{0, 1, 1, 1, 2, 1, 3, 70, 1, 1, 2, 1})
	f.Add([]byte{2, 9, 3, 130, 2, 9, 0, 9, 3, 200, 3, 200})
	f.Fuzz(func(t *testing.T, steps []byte) {
		synctest.Test(t, func(t *testing.T) {
			cfg := DefaultConfig()
			x := New(cfg)
			declared, requested := map[int]time.Time{}, map[int]bool{}
			gaps := int64(0)
			for len(steps) > 1 {
				n := int(steps[1])
				switch steps[0] % 4 {
				case 0:
					x.Declared(span(n))
					declared[n] = time.Now()
				case 1, 2:
					known := x.Has(span(n))
					if steps[0]%4 == 2 {
						known = !x.Gap(span(n))
						requested[n] = true
						gaps++
					}
					at, ok := declared[n]
					require.False(t, known && !ok, "%d was never declared", n)
					require.False(t, !known && ok && time.Since(at) < time.Duration(cfg.TTL), "%d was declared %v ago", n, time.Since(at))
				case 3:
					time.Sleep(time.Duration(n) * time.Second)
				}
				steps = steps[2:]
			}
			time.Sleep(2 * time.Duration(cfg.TTL))
			covered, uncovered := x.Counts()
			require.LessOrEqual(t, covered+uncovered, gaps)
			require.GreaterOrEqual(t, covered+uncovered, int64(len(requested)))
			require.Zero(t, x.size())
		})
	})
}
