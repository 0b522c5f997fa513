package redact

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

type attrs = map[string]any

func recordOf(t testing.TB, a attrs, body any) plog.LogRecord {
	t.Helper()
	record := plog.NewLogRecord()
	require.NoError(t, record.Attributes().FromRaw(a))
	require.NoError(t, record.Body().FromRaw(body))
	return record
}

const key = "0123456789abcdef0123456789abcdef"

func TestFields(t *testing.T) {
	t.Setenv("ACTIVITY_KEY", key)
	for name, tt := range map[string]struct {
		fields   []FieldConfig
		in, want attrs
		body     string
		wantBody string
	}{
		"drop": {
			fields: []FieldConfig{{Field: "client.address", Action: "drop"}},
			in:     attrs{"client.address": "192.0.2.7", "network.peer.address": "192.0.2.7", "a": "b"},
			want:   attrs{"a": "b"},
		},
		"mask, and what a sentence says": {
			fields:   []FieldConfig{{Field: "activity.actor.name", Action: "mask"}},
			in:       attrs{"activity.actor.name": "alice", "user.name": "alice", "activity.object.id": "alice", "activity.remarks": "alice updated malice"},
			want:     attrs{"activity.actor.name": "****", "user.name": "****", "activity.object.id": "alice", "activity.remarks": "**** updated malice"},
			body:     "alice: Read alice's diary",
			wantBody: "****: Read ****'s diary",
		},
		"truncate counts characters": {
			fields: []FieldConfig{{Field: "user_agent.original", Action: "truncate", Length: 3}, {Field: "activity.remarks", Action: "truncate", Length: 5}},
			in:     attrs{"user_agent.original": "äöü😀", "activity.remarks": "abc"},
			want:   attrs{"user_agent.original": "äöü", "activity.remarks": "abc"},
			body:   "0123456789", wantBody: "01234",
		},
		"hmac of numbers and texts": {
			fields: []FieldConfig{{Field: "activity.actor.id", Action: "hmac"}},
			in:     attrs{"activity.actor.id": "42", "enduser.id": 42},
			// printf 42 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
			want: attrs{"activity.actor.id": "hmac:2026-11:HASH", "enduser.id": "hmac:2026-11:HASH"},
			body: "42: Update article 42", wantBody: "hmac:2026-11:HASH: Update article hmac:2026-11:HASH",
		},
		"a hash stays": {
			fields: []FieldConfig{{Field: "activity.actor.id", Action: "hmac"}},
			in:     attrs{"activity.actor.id": "hmac:2025-01:00112233445566778899aabbccddeeff"},
			want:   attrs{"activity.actor.id": "hmac:2025-01:00112233445566778899aabbccddeeff"},
		},
		"a hash is not made of what only begins like one": {
			fields: []FieldConfig{{Field: "activity.actor.id", Action: "hmac"}},
			in:     attrs{"activity.actor.id": "hmac:x:alice"},
			want:   attrs{"activity.actor.id": "hmac:2026-11:OTHER"},
		},
		"members of the data": {
			fields: []FieldConfig{{Field: "activity.data.bank.account", Action: "mask"}, {Field: "activity.data.note", Action: "drop"}},
			in:     attrs{"activity.data": attrs{"bank": attrs{"account": "DE1", "name": "x"}, "note": "y", "z": 1}},
			want:   attrs{"activity.data": attrs{"bank": attrs{"account": "****", "name": "x"}, "z": int64(1)}},
		},
		"members of data that came as JSON": {
			fields: []FieldConfig{{Field: "activity.data.account", Action: "mask"}},
			in:     attrs{"activity.data": `{"account": "DE1", "n": 12345678901234567890, "f": 1.5, "i": 7}`},
			want:   attrs{"activity.data": attrs{"account": "****", "n": "12345678901234567890", "f": 1.5, "i": int64(7)}},
		},
		"nothing stays nothing": {
			fields: []FieldConfig{{Field: "activity.actor.name", Action: "mask"}, {Field: "activity.actor.id", Action: "hmac"}},
			in:     attrs{"activity.actor.name": "", "activity.actor.id": nil},
			want:   attrs{"activity.actor.name": "", "activity.actor.id": nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCleaner(t, func(cfg *Config) {
				cfg.Fields = tt.fields
				cfg.HMAC = HMACConfig{KeyEnv: "ACTIVITY_KEY", KeyID: "2026-11"}
			})
			record := recordOf(t, tt.in, tt.body)
			(&work{c: c}).record(record)
			assert.Equal(t, replaceHashes(tt.want), record.Attributes().AsRaw())
			assert.Equal(t, replaceHashes(tt.wantBody), record.Body().AsString())
		})
	}
}

// hashes were made with OpenSSL.
var hashes = strings.NewReplacer("HASH", "3b12d0412db185c98ff58825ed4c81cf", "OTHER", "5423a317627909aa99c5f5dda87f8926")

func replaceHashes[T any](v T) T {
	switch v := any(v).(type) {
	case string:
		return any(hashes.Replace(v)).(T)
	case attrs:
		for key, value := range v {
			v[key] = replaceHashes(value)
		}
	}
	return v
}

func TestAddresses(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) { cfg.Address = AddressConfig{IPv4Prefix: 24, IPv6Prefix: 48} })
	for in, want := range map[string]string{
		"192.0.2.77":                 "192.0.2.0",
		"192.0.2.77:4711":            "192.0.2.0",
		"::ffff:192.0.2.77":          "192.0.2.0",
		"2001:db8:1:2:3::4":          "2001:db8:1::",
		"[2001:db8:1:2:3::4]:443":    "2001:db8:1::",
		"fe80::1%eth0":               "fe80::",
		"192.0.2.77, 198.51.100.9":   "192.0.2.0, 198.51.100.0",
		"192.0.2.7, 192.0.2.77":      "192.0.2.0, 192.0.2.0",
		`for=192.0.2.77;proto=https`: "for=192.0.2.0;proto=https",
		"unix socket":                "unix socket",
		"":                           "",
	} {
		record := recordOf(t, attrs{"client.address": in, "http.request.header.x-forwarded-for": []any{in}, "server.address": in}, nil)
		(&work{c: c}).record(record)
		assert.Equal(t, attrs{"client.address": want, "http.request.header.x-forwarded-for": []any{want}, "server.address": in}, record.Attributes().AsRaw())
	}
	whole := newCleaner(t, nil)
	record := recordOf(t, attrs{"client.address": "192.0.2.77"}, nil)
	(&work{c: whole}).record(record)
	assert.Equal(t, attrs{"client.address": "192.0.2.77"}, record.Attributes().AsRaw(), "the default is the whole address")
}

// What identifies an activity may look like a secret, and stays.
func TestIdentitiesStay(t *testing.T) {
	c := newCleaner(t, nil)
	in := attrs{
		"activity.id": "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71", "activity.action.type": "Reset password", "activity.actor.type": "token",
		"activity.actor.id": "alice@example.com", "activity.actor.name": "alice@example.com", "activity.object.id": "4111111111111111",
		"activity.remarks": "alice@example.com read article 17", "user.email": "alice@example.com", "session.id": "s-1", "enduser.id": "4111111111111111",
	}
	record := recordOf(t, in, "alice@example.com: wrote to bob@example.com")
	(&work{c: c}).record(record)
	want := recordOf(t, in, "alice@example.com: wrote to ****")
	assert.Equal(t, want.Attributes().AsRaw(), record.Attributes().AsRaw())
	assert.Equal(t, want.Body().AsString(), record.Body().AsString())
}

func TestSecretKeys(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) {
		cfg.SecretKeys.Add = []string{"iban"}
		cfg.SecretKeys.Allow = []string{"Push.Token"}
	})
	record := recordOf(t, attrs{
		"userIban": "DE1", "push.token": "visible", "password": true, "token": nil, "secret": []any{"a"}, "pin": 1234, "cookie": attrs{"a": "b"},
		"token_count": 17, "password_policy": "strict", "args": []any{"--password", "hunter2", "--user", "alice", "--token=abc"},
		"text": `{"pin": 1234, "iban": {"a": ["x"]}, "ok": 1}`,
	}, nil)
	(&work{c: c}).record(record)
	assert.Equal(t, attrs{
		"userIban": "****", "push.token": "visible", "password": true, "token": nil, "secret": "****", "pin": "****", "cookie": "****",
		"token_count": int64(17), "password_policy": "strict", "args": []any{"--password", "****", "--user", "alice", "--token=****"},
		"text": `{"iban":"****","ok":1,"pin":"****"}`,
	}, record.Attributes().AsRaw())
}

func TestOffIsOff(t *testing.T) {
	in := attrs{"password": "x", "a": "4111111111111111 alice@example.com Bearer abcdefgh1234", "b": "password=x"}
	c := newCleaner(t, func(cfg *Config) { cfg.SecretKeys.Enabled = false; cfg.Patterns = PatternsConfig{} })
	record := recordOf(t, in, nil)
	(&work{c: c}).record(record)
	assert.Equal(t, in, record.Attributes().AsRaw())

	none := newCleaner(t, func(cfg *Config) { cfg.Enabled = false })
	require.Nil(t, none)
	require.NoError(t, none.Logs(t.Context(), plog.NewLogs()))
	require.NoError(t, none.Traces(t.Context(), ptrace.NewTraces()))
}

func TestCustomPatterns(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) { cfg.Patterns.Custom = []PatternConfig{{Name: "staff", Regex: `\bE-\d{6}\b`}} })
	record := recordOf(t, attrs{"activity.actor.id": "E-123456", "note": "by E-123456 and E-1"}, nil)
	(&work{c: c}).record(record)
	assert.Equal(t, attrs{"activity.actor.id": "****", "note": "by **** and E-1"}, record.Attributes().AsRaw())
}

func TestWrongConfig(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`fields::0::field: must be an attribute, such as "activity.actor.id", or a member of the data, such as "activity.data.iban"`: func(cfg *Config) { cfg.Fields = []FieldConfig{{Action: "mask"}} },
		`fields::1::action: must be one of "drop", "mask", "truncate", "hmac"; got "hide"`: func(cfg *Config) {
			cfg.Fields = []FieldConfig{{Field: "a", Action: "mask"}, {Field: "b", Action: "hide"}}
		},
		`fields: must have each field once; entries 0 and 1 are both "a"`: func(cfg *Config) {
			cfg.Fields = []FieldConfig{{Field: "a", Action: "mask"}, {Field: "a", Action: "drop"}}
		},
		`fields::0::field: must not be one of "activity.action.type", "activity.id", "activity.source", "activity.status", because a row needs them; got "activity.id"`: func(cfg *Config) { cfg.Fields = []FieldConfig{{Field: "activity.id", Action: "drop"}} },
		`fields::0: length must be at least 1 with action truncate; got 0`:                                                                                              func(cfg *Config) { cfg.Fields = []FieldConfig{{Field: "a", Action: "truncate"}} },
		`fields::0: length is only for action truncate; action is mask`:                                                                                                 func(cfg *Config) { cfg.Fields = []FieldConfig{{Field: "a", Action: "mask", Length: 1}} },
		`hmac must be set, because a field has the action hmac`:                                                                                                         func(cfg *Config) { cfg.Fields = []FieldConfig{{Field: "a", Action: "hmac"}} },
		`hmac: key_file and key_env are mutually exclusive`:                                                                                                             func(cfg *Config) { cfg.HMAC = HMACConfig{KeyFile: "a", KeyEnv: "b", KeyID: "c"} },
		`hmac: key_file or key_env must be set`:                                                                                                                         func(cfg *Config) { cfg.HMAC = HMACConfig{KeyID: "c"} },
		`hmac: key_id must be set; it distinguishes the values of this key from those of the next`:                                                                      func(cfg *Config) { cfg.HMAC = HMACConfig{KeyFile: "a"} },
		`hmac: key_id must not have colons or white space; got "a:b"`:                                                                                                   func(cfg *Config) { cfg.HMAC = HMACConfig{KeyFile: "a", KeyID: "a:b"} },
		"patterns::custom::0::regex: must be a regular expression as on https://golang.org/s/re2syntax: error parsing regexp: missing closing ): `(`":                   func(cfg *Config) { cfg.Patterns.Custom = []PatternConfig{{Name: "x", Regex: "("}} },
		`patterns::custom::0::regex: must not match the empty text, which is everywhere; got "a*"`:                                                                      func(cfg *Config) { cfg.Patterns.Custom = []PatternConfig{{Name: "x", Regex: "a*"}} },
		`patterns::custom::0::name: must not be empty`:                                                                                                                  func(cfg *Config) { cfg.Patterns.Custom = []PatternConfig{{Regex: "a"}} },
		`secret_keys::add: must be single words, such as iban; got "api key"`:                                                                                           func(cfg *Config) { cfg.SecretKeys.Add = []string{"api key"} },
		`address::ipv4_prefix: must be from 0 to 32; got 33`:                                                                                                            func(cfg *Config) { cfg.Address.IPv4Prefix = 33 },
		`address::ipv6_prefix: must be from 0 to 128; got -1`:                                                                                                           func(cfg *Config) { cfg.Address.IPv6Prefix = -1 },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		assert.EqualError(t, confmap.Validate(&cfg), want)
	}
}

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(file, []byte(key+"\n"), 0o600))
	t.Setenv("ACTIVITY_KEY", key)
	t.Setenv("SHORT_KEY", "short")
	fromFile, err := newHasher(&HMACConfig{KeyFile: file, KeyID: "1"})
	require.NoError(t, err)
	fromEnv, err := newHasher(&HMACConfig{KeyEnv: "ACTIVITY_KEY", KeyID: "1"})
	require.NoError(t, err)
	assert.Equal(t, fromFile.hash("alice"), fromEnv.hash("alice"))
	other, err := newHasher(&HMACConfig{KeyEnv: "ACTIVITY_KEY", KeyID: "2"})
	require.NoError(t, err)
	assert.Equal(t, "hmac:2:", other.hash("alice")[:7])

	_, err = New(Config{Enabled: true, HMAC: HMACConfig{KeyFile: filepath.Join(dir, "none"), KeyID: "1"}}, 0)
	require.ErrorContains(t, err, "hmac: key_file: open "+dir)
	_, err = New(Config{Enabled: true, HMAC: HMACConfig{KeyEnv: "SHORT_KEY", KeyID: "1"}}, 0)
	require.ErrorContains(t, err, "hmac: key_env: SHORT_KEY: has a key of 5 bytes, and 16 are the least")
	assert.NotContains(t, err.Error(), "short ")
}

// FuzzCleaner: no panic, and no text that grows without end.
func FuzzCleaner(f *testing.F) {
	for _, p := range readJSON[[]planted](f, "secrets.json") {
		f.Add(p.text())
	}
	c := newCleaner(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		p := planted{Text: text}
		td, ld := p.everywhere()
		clean(c, td, ld)
		w := work{c: c}
		if once := w.text(text, free); len(once) < 10_000 {
			assert.LessOrEqual(t, len(once), 10*len(text)+10)
		}
	})
}

// FuzzSurroundings: a secret is found whatever stands on the lines around it.
func FuzzSurroundings(f *testing.F) {
	for _, p := range readJSON[[]planted](f, "secrets.json") {
		f.Add(p.text(), p.text())
	}
	c := newCleaner(f, nil)
	f.Fuzz(func(t *testing.T, before, after string) {
		for text, secret := range map[string]string{
			"password=swordfish7": "swordfish7", "key AKIAIOSFODNN7EXAMPLE it was": "AKIAIOSFODNN7EXAMPLE",
			"paid with 5555 5555 5555 4444": "5555 5555 5555 4444", "mail swordfish@example.com about it": "swordfish@example.com",
			"Authorization: Bearer swordfish7swordfish": "swordfish7", "postgres://alice:swordfish7@db.example.com/blog": "swordfish7",
		} {
			w := work{c: c}
			cleaned := w.text(before+"\n"+text+"\n"+after, free)
			if strings.Contains(before+after, secret) {
				continue
			}
			assert.NotContains(t, cleaned, secret)
		}
	})
}

func BenchmarkCleaner(b *testing.B) {
	record := recordOf(b, attrs{
		"activity.id": "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71", "activity.actor.id": "42", "activity.actor.type": "user",
		"activity.actor.name": "alice", "activity.action.type": "Update", "activity.action.name": "article.publish",
		"activity.status": "Success", "activity.object.type": "article", "activity.object.id": "17",
		"client.address": "192.0.2.7", "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64)", "activity.source": "declared",
	}, "alice: Update article 17")
	w := work{c: newCleaner(b, nil)}
	b.ReportAllocs()
	for b.Loop() {
		w.record(record)
	}
}

// BenchmarkSpan measures a span as otelhttp and the processor make it.
func BenchmarkSpan(b *testing.B) {
	span := ptrace.NewSpan()
	span.SetName("PUT /api/articles/{id}")
	require.NoError(b, span.Attributes().FromRaw(attrs{
		"http.request.method": "PUT", "http.route": "/api/articles/{id}", "url.path": "/api/articles/17",
		"url.scheme": "https", "server.address": "blog.example.com", "server.port": 443,
		"network.peer.address": "10.0.0.1", "network.peer.port": 50123, "network.protocol.version": "1.1",
		"client.address": "192.0.2.7", "user_agent.original": "Mozilla/5.0", "http.response.status_code": 200,
		"http.request.body.size": 120, "http.response.body.size": 15, "user.id": "42", "user.name": "alice",
		"activity.id": "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71", "activity.actor.id": "42", "activity.actor.type": "user",
		"activity.actor.name": "alice", "activity.action.type": "Update", "activity.action.name": "PUT /api/articles/{id}",
		"activity.status": "Success", "activity.object.type": "article", "activity.object.id": "17", "activity.source": "derived",
		"activity.remarks": "alice updated article 17",
	}))
	w := work{c: newCleaner(b, nil)}
	b.ReportAllocs()
	for b.Loop() {
		w.span(span)
	}
}

func TestNumbers(t *testing.T) {
	c := newCleaner(t, nil)
	record := recordOf(t, attrs{"a": 4111111111111111, "b": 4111111111111112, "c": 4111111111111111.0, "activity.object.id": 4111111111111111, "d": -5, "e": 1e300}, nil)
	(&work{c: c}).record(record)
	assert.Equal(t, attrs{"a": "****", "b": int64(4111111111111112), "c": "****", "activity.object.id": int64(4111111111111111), "d": int64(-5), "e": 1e300},
		record.Attributes().AsRaw())
}

// A map or a list with a number that JSON does not have is a value like others: pdata
// has no text for it, but the field must not stay as it is.
func TestFieldsWithNumbersThatJSONDoesNotHave(t *testing.T) {
	for _, value := range []any{[]any{math.NaN(), "DE1"}, attrs{"iban": "DE1", "n": math.Inf(1)}} {
		for action, want := range map[Action]attrs{mask: {"user.email": Masked}, drop: {}} {
			c := newCleaner(t, func(cfg *Config) { cfg.Fields = []FieldConfig{{Field: "user.email", Action: action}} })
			record := recordOf(t, attrs{"user.email": value}, nil)
			(&work{c: c, ctx: t.Context()}).record(record)
			assert.Equal(t, want, record.Attributes().AsRaw(), "%s %v", action, value)
		}
	}
}
