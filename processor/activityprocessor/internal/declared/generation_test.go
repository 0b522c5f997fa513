package declared

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// len returns how many spans the generation holds.
func (g *generation) len() (n int) {
	for _, s := range g.states {
		if s != 0 {
			n++
		}
	}
	return n
}

// A generation does what a map does.
func TestGeneration(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	var g generation
	for range 20 { // it is used again after it was emptied
		want := map[Span]state{}
		for range source.IntN(2000) {
			trace, id := span(source.IntN(500))
			s := Span{trace, id}
			switch source.IntN(4) {
			case 0:
				assert.Equal(t, want[s], g.take(s, s.hash()))
				delete(want, s)
			default:
				want[s] = state(1 + source.IntN(3))
				g.put(s, s.hash(), want[s])
			}
		}
		undeclared := int64(0)
		for n := range 600 {
			trace, id := span(n)
			s := Span{trace, id}
			require.Equal(t, want[s], g.get(s, s.hash()), "span %d", n)
			if want[s] == isRequest {
				undeclared++
			}
		}
		assert.Equal(t, len(want), g.len())
		assert.LessOrEqual(t, g.used, len(g.tags)*2/3)
		assert.Equal(t, undeclared, g.empty())
		assert.Zero(t, g.len())
	}
}
