package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBesideNames(t *testing.T) {
	c := newCleaner(t, nil)
	for name, tt := range map[string]struct{ in, want attrs }{
		"name and value": {
			attrs{"form": []any{attrs{"name": "password", "value": "x1"}, attrs{"name": "title", "value": "Tea"}}},
			attrs{"form": []any{attrs{"name": "password", "value": "****"}, attrs{"name": "title", "value": "Tea"}}},
		},
		"old and new": {
			attrs{"changes": []any{attrs{"Field": "api_key", "old": "x1", "new": []any{"x2"}, "by": "alice"}}},
			attrs{"changes": []any{attrs{"Field": "api_key", "old": "****", "new": "****", "by": "alice"}}},
		},
		"nothing": {
			attrs{"f": attrs{"key": "token", "value": true, "old": nil, "new": ""}},
			attrs{"f": attrs{"key": "token", "value": true, "old": nil, "new": ""}},
		},
		"JSON": {
			attrs{"a": `[{"key":"token","old":"x1","value":7,"data":{"a":"x2"},"text":null,"to":true,"n":1}]`},
			attrs{"a": `[{"data":"****","key":"token","n":1,"old":"****","text":null,"to":true,"value":"****"}]`},
		},
		"headers in a row": {
			attrs{"raw": []any{"Accept", "text/html", "Cookie", "a=x1", "X-Api-Key", "x2"}, "pairs": []any{[]any{"Set-Cookie", "x3"}}},
			attrs{"raw": []any{"Accept", "text/html", "Cookie", "****", "X-Api-Key", "****"}, "pairs": []any{[]any{"Set-Cookie", "****"}}},
		},
		"headers in a row of JSON": {
			attrs{"a": `{"raw":["Cookie","a=x1"],"args":["--password","x2","-p",8080]}`},
			attrs{"a": `{"args":["--password","****","-p",8080],"raw":["Cookie","****"]}`},
		},
		"a list of words": {
			attrs{"changed": []any{"password", "token", "title"}, "tags": `{"a":["secret","garden"]}`},
			attrs{"changed": []any{"password", "token", "title"}, "tags": `{"a":["secret","garden"]}`},
		},
		"an attribute next to it": {
			attrs{"key": "token", "value": "x1"},
			attrs{"key": "token", "value": "****"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			record := recordOf(t, tt.in, nil)
			for range 2 {
				(&work{c: c}).record(record)
				assert.Equal(t, tt.want, record.Attributes().AsRaw())
			}
		})
	}
}

// An actor, or a verb of an API, may be called as the key of a secret is.
func TestSubjectsStay(t *testing.T) {
	c := newCleaner(t, nil)
	record := recordOf(t, attrs{"activity.actor.id": "ci-token", "activity.action.name": "POST /v1/secrets/my-token:access"}, "ci-token: Create release 7, password=x1")
	(&work{c: c}).record(record)
	assert.Equal(t, attrs{"activity.actor.id": "ci-token", "activity.action.name": "POST /v1/secrets/my-token:access"}, record.Attributes().AsRaw())
	assert.Equal(t, "ci-token: Create release 7, password=****", record.Body().Str())

	record = recordOf(t, attrs{"activity.actor.id": "alice"}, "ci-token: abc")
	(&work{c: c}).record(record)
	assert.Equal(t, "ci-token: ****", record.Body().Str())
}

// Names before a colon are not remembered as keys are: they have no end.
func TestNamesAreNotLearnt(t *testing.T) {
	s := newSecretKeys(&SecretKeysConfig{Enabled: true, Add: []string{"iban"}})
	for _, name := range []string{"alice", "bob", "carol", "dave", "x", "", "_", "....", "-", "日本"} {
		assert.False(t, s.has(name), name)
	}
	for _, key := range []string{"iban", "userIBAN", "password2", "cvv2", "token_base64", "PASSWORD-", "user[password]", "user%5Bpin%5D", "token_b64", "token_1", "password1"} {
		assert.True(t, s.has(key), key)
	}
	_, known := s.known.get("alice")
	assert.False(t, known)
}
