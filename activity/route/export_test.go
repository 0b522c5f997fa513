package route

// Len returns how many templates c keeps.
func Len(c *Cache) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.templates)
}
