package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelactivity/activitylog/activity"
)

// TestOpaqueAttributesStay: what the exporter and the database go by is never
// masked, whatever it looks like.
func TestOpaqueAttributesStay(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) {
		cfg.Address = AddressConfig{IPv4Prefix: 24, IPv6Prefix: 48}
		cfg.Patterns.Custom = []PatternConfig{{Name: "all", Regex: `.`}}
	})
	for _, value := range []string{"password=hunter2", "4111111111111111", "alice@example.com", "Bearer abcdefgh1234", "192.0.2.77", "x"} {
		for _, key := range []string{
			activity.IDKey, activity.ActionTypeKey, activity.StatusKey, activity.SourceKey, activity.SkippedKey, activity.ActorTypeKey, activity.ServiceNameKey,
		} {
			record := recordOf(t, attrs{key: value}, "")
			(&work{c: c}).record(record)
			assert.Equal(t, attrs{key: value}, record.Attributes().AsRaw())
		}
	}
}

// TestNamesOfTheVocabularyStay: a pattern for names of hosts also matches keys. If it
// renamed those of an activity there would be no row.
func TestNamesOfTheVocabularyStay(t *testing.T) {
	c := newCleaner(t, func(cfg *Config) { cfg.Patterns.Custom = []PatternConfig{{Name: "hosts", Regex: `\w+(\.\w+)+`}} })
	names := []string{
		activity.OriginalIDKey, activity.ClaimedTimeKey, activity.OriginalStatusKey, activity.CutKey, activity.SkippedKey,
		activity.DroppedAttributesKey, activity.DroppedMembersKey, activity.SenderKey, activity.ForgedKey, activity.LogRecordUIDKey, "user.id", "enduser.id",
	}
	for _, column := range activity.Columns() {
		if column.Key != "" {
			names = append(names, column.Key)
		}
	}
	for _, name := range names {
		record := recordOf(t, attrs{name: true, "www.example.com": true}, "")
		(&work{c: c}).record(record)
		assert.Equal(t, attrs{name: true, Masked: true}, record.Attributes().AsRaw())
	}
}
