package route

import (
	"strings"
	"sync"
)

// maxTemplates bounds a Cache. Where a service makes a route of each path, there
// are as many routes as paths.
const maxTemplates = 5000

// Cache keeps the templates of patterns that have been read: services have few
// routes, and one comes with every request. The zero Cache is ready for use, and
// safe for concurrent use. It holds 5,000 templates and starts again empty when
// it is full, which needs nothing beyond the standard library.
type Cache struct {
	mu        sync.RWMutex
	templates map[string]*Template
}

// Get returns the template of a pattern, as [Parse] does.
func (c *Cache) Get(pattern string) *Template {
	c.mu.RLock()
	t := c.templates[pattern]
	c.mu.RUnlock()
	if t != nil {
		return t
	}
	pattern = strings.Clone(pattern) // it may be part of a whole request
	t = Parse(pattern)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.templates == nil || len(c.templates) >= maxTemplates {
		c.templates = make(map[string]*Template)
	}
	c.templates[pattern] = t
	return t
}
