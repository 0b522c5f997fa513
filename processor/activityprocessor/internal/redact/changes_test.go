package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A change is masked like a nested value of the same name.
func TestChanges(t *testing.T) {
	c := newCleaner(t, nil)
	both := func() []any { return []any{"x1", "x2"} }
	in, want := attrs{}, attrs{}
	for _, path := range []string{
		"password", "user.password", "credentials.name", "passwords[3]", "items[id=7].password", `items[id="a].b"].secret.name`,
		`settings["api key"]`, `settings["api key"].value`, "tokens[id=7].token", "apiKey.a.b.c",
	} {
		in[path], want[path] = both(), "****"
	}
	for _, path := range []string{"title", "address.city", "tags[3]", "items[id=7].price", `labels["my key"]`, "(more changes)", "a["} {
		in[path], want[path] = both(), both()
	}
	record := recordOf(t, attrs{"activity.data": attrs{"changes": in, "token_count.a": both()}}, nil)
	for range 2 {
		(&work{c: c}).record(record)
		assert.Equal(t, attrs{"activity.data": attrs{"changes": want, "token_count.a": both()}}, record.Attributes().AsRaw())
	}
	text := recordOf(t, attrs{"activity.data": attrs{"changes": "none"}}, nil)
	(&work{c: c}).record(text)
	assert.Equal(t, attrs{"activity.data": attrs{"changes": "none"}}, text.Attributes().AsRaw())
}
