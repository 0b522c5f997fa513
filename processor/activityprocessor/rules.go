package activityprocessor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// extraRules begins the keys of further lists of rules.
const extraRules = "rules/"

// gatherExtra moves the lists under "rules/shop" to where [Config.Extra] is decoded from.
func gatherExtra(conf *confmap.Conf) *confmap.Conf {
	values := conf.ToStringMap()
	extra := map[string]any{}
	for key, list := range values {
		if name, ok := strings.CutPrefix(key, extraRules); ok && name != "" {
			extra[name] = list
			delete(values, key)
		}
	}
	if len(extra) == 0 {
		return conf
	}
	values[extraRules] = extra
	return confmap.NewFromStringMap(values)
}

// rules returns all rules, in the order in which they are tried.
func (cfg *Config) rules() rule.Configs {
	if len(cfg.Extra) == 0 {
		return cfg.Rules
	}
	var all rule.Configs
	for _, name := range slices.Sorted(maps.Keys(cfg.Extra)) {
		all = append(all, cfg.Extra[name]...)
	}
	return append(all, cfg.Rules...)
}

// checkNames returns an error if rules of different lists have the same name.
func (cfg *Config) checkNames() error {
	if len(cfg.Extra) == 0 {
		return nil
	}
	if err := cfg.rules().Validate(); err != nil {
		return fmt.Errorf("%s: %w", strings.TrimSuffix(extraRules, "/"), err)
	}
	return nil
}

// warnUnreachable logs the rules that no record can reach.
func warnUnreachable(rules rule.Configs, logger *zap.Logger) {
	for _, u := range rule.Unreachable(rules) {
		logger.Warn("A rule never applies, because one before it matches everything that it matches.",
			zap.String("rule", u.Rule), zap.String("before", u.Before))
	}
}
