package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEmails(t *testing.T) {
	for text, want := range map[string]string{
		"a@b.de":                           "****",
		"to a@b.de, c.d+e@f-g.example.org": "to ****, ****",
		"<alice@example.com>":              "<****>",
		"alice@example.com.":               "****.",
		"mailto:alice@example.com?x":       "mailto:****?x",
		"Änne@bücher.example":              "****",
		"a@b.de1":                          "****1",
		"a@b.c.d.info":                     "****",
		"a@b@c.de":                         "a@****",
		"a@b":                              "a@b",
		"a@b.c":                            "a@b.c",
		"@alice":                           "@alice",
		"a@.de":                            "a@.de",
		"a@-b.de":                          "a@-b.de",
		"a@1.2.3.4":                        "a@1.2.3.4",
		"postgres://blog@db.example.com/":  "postgres://blog@db.example.com/",
		"own@example.com and a@b.de":       "own@example.com and ****",
		"OWN@example.com":                  "OWN@example.com",
		"@":                                "@",
		"":                                 "",
	} {
		assert.Equal(t, want, maskEmails(text, []string{"own@example.com"}), text)
	}
}
