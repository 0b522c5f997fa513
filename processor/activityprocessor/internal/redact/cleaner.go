package redact

import (
	"maps"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity/route"
)

// Cleaner cleans spans and log records in place. It is safe for
// concurrent use. A nil *Cleaner changes nothing.
type Cleaner struct {
	fields   map[string]*fieldAction // by attribute
	members  map[string]*fieldAction // by path within activity.data
	related  map[string]bool         // attributes that may have the same value as one of fields
	secrets  *secretKeys
	patterns patterns
	address  generaliser

	maxText int // bytes of a text that are searched; 0 for all

	classes memory[*keyClass]
	routes  route.Cache
}

// New returns the cleaner of a configuration, nil if it is not enabled. It reads
// the key. Texts of more than maxText bytes are cut, if that is not 0.
func New(cfg Config, maxText int) (*Cleaner, error) {
	if !cfg.Enabled {
		return nil, nil
	}
	c := &Cleaner{
		maxText:  maxText,
		fields:   map[string]*fieldAction{},
		members:  map[string]*fieldAction{},
		related:  map[string]bool{},
		secrets:  newSecretKeys(&cfg.SecretKeys),
		patterns: newPatterns(&cfg.Patterns),
		address:  generaliser{int(cfg.Address.IPv4Prefix), int(cfg.Address.IPv6Prefix)},
	}
	var h *hasher
	if cfg.HMAC != (HMACConfig{}) {
		var err error
		if h, err = newHasher(&cfg.HMAC); err != nil {
			return nil, err
		}
	}
	for _, f := range cfg.Fields {
		action := &fieldAction{action: f.Action, length: int(f.Length), hasher: h}
		field := string(f.Field)
		if member, ok := strings.CutPrefix(field, "activity.data."); ok {
			c.members[member] = action
			continue
		}
		for _, key := range groupOf(field) {
			c.related[key] = true
		}
		for _, key := range sameAs(field) {
			if c.fields[key] == nil || key == field {
				c.fields[key] = action
			}
		}
	}
	return c, nil
}

// aliases are attributes with the same meaning in other conventions. If the first is
// private, all are. The others may have another value than the first (a user's e-mail
// address and name): they are private if they have the value of a private field.
var aliases = [][]string{
	{"activity.actor.id", "user.id", "enduser.id"},
	{"activity.actor.name", "user.name", "user.email", "user.full_name"},
	append([]string{"client.address"}, slices.Sorted(maps.Keys(addressKeys))...),
	{"user_agent.original", "http.user_agent", "http.request.header.user-agent", "http.request.header.user_agent"},
}

// groupOf returns field and its aliases.
func groupOf(field string) []string {
	for _, group := range aliases {
		if slices.Contains(group, field) {
			return group
		}
	}
	return []string{field}
}

func sameAs(field string) []string {
	if group := groupOf(field); group[0] == field {
		return group
	}
	return []string{field}
}
