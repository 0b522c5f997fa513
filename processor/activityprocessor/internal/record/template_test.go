package record

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Where each path is a route of its own, memory does not grow with them.
func TestTemplatesAreBounded(t *testing.T) {
	var c templateCache
	for i := range 3 * maxTemplates {
		c.of("/articles/" + strconv.Itoa(i))
	}
	assert.LessOrEqual(t, len(c.routes), maxTemplates)
	assert.Equal(t, "article", c.of("/articles/{id}").object)
}
