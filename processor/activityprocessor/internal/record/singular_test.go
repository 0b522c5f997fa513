package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSingular(t *testing.T) {
	for plural, want := range map[string]string{
		"articles": "article", "categories": "category", "boxes": "box", "addresses": "address", "batches": "batch",
		"statuses": "status", "people": "person", "news": "news", "series": "series", "address": "address",
		"status": "status", "analysis": "analysis", "houses": "house", "sizes": "size", "ties": "tie", "sms": "sms",
		"blog-posts": "blog-post", "order_statuses": "order_status", "blogPosts": "blogPost", "me": "me", "": "", "-": "-",
		"article": "article", "login": "login",
	} {
		assert.Equal(t, want, Singular(plural), plural)
	}
}
