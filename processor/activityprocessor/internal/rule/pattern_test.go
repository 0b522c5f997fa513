package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, value string
		want           bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a*", "ab", true}, {"a*", "ba", false}, {"*a*", "bab", true}, {"*", "x", true}, {"a.b", "axb", false},
		{"/api/*/x", "/api/1/2/x", true}, {"a*b", "a\nb", true}, {"*", "", false}, {"(", "(", true}, {"[*]", "[x]", true},
	} {
		assert.Equal(t, tt.want, newPatterns([]string{tt.pattern}).match(tt.value), "%s %s", tt.pattern, tt.value)
	}
	assert.True(t, newPatterns(nil).match(""), "without patterns all match")
}

func TestMorePatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, value string
		want           bool
	}{
		{"a*a", "a", false}, {"a*a", "aa", true}, {"ab*ba", "aba", false}, {"**", "", false}, {"**", "x", true}, {"*a*a*", "a", false}, {"*a*a*", "aa", true},
		{"a*b*c", "abbc", true}, {"a*b*c", "acb", false}, {"*b", "ab", true}, {"*b", "ba", false}, {"a?c", "abc", false}, {"A", "a", false}, {"ü*", "über", true},
		{"*bc*bd", "abcbd", true}, {"*ab", "abab", true}, {"a*ab", "ab", false},
	} {
		assert.Equal(t, tt.want, newPatterns([]string{tt.pattern}).match(tt.value), "%s %s", tt.pattern, tt.value)
	}
	assert.True(t, newPatterns([]string{"x", "y*"}).match("", "yes"))
	assert.False(t, newPatterns([]string{"x", "y*"}).match("", "no"))
	assert.False(t, newPatterns([]string{"*"}).match(), "nothing is not text")
}
