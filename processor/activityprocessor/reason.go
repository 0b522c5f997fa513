package activityprocessor

import "github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"

// reason says why a span or log record did not become an activity.
type reason int

// The reasons. metadata.yaml has their names in the metric.
const (
	isActivity reason = iota
	noActor
	notServer
	noRule
	noAction
	levelNone
	sampled
	inner
	declaredElsewhere
	excluded
	numReasons
)

// reasons are the names and what they mean, for people.
var reasons = [numReasons]struct{ name, meaning string }{
	noActor:           {"no_actor", "nobody is known to have done it: docs/develop/identify-users.md"},
	notServer:         {"not_server", "it is neither a SERVER span nor known to the preset of a rule"},
	noRule:            {"no_rule", "no rule makes an activity of it"},
	noAction:          {"no_action", "neither its rule nor a preset knows what was done"},
	levelNone:         {"level_none", "its rule has level none"},
	sampled:           {"sampled", "it is a read outside the sample of its rule, or left out by reads"},
	inner:             {"nested", "another span of the same process is the activity"},
	declaredElsewhere: {"declared", "its service declared the activity by another span or log record"},
	excluded:          {"excluded", "its service set activity.skipped"},
}

// String returns the name of the reason in the metric.
func (r reason) String() string { return reasons[r].name }

// reasonOf returns the reason of a verdict of the rules.
func reasonOf(v rule.Verdict) reason {
	return [...]reason{
		rule.Kept: isActivity, rule.NoRule: noRule, rule.NotServer: notServer, rule.NoAction: noAction, rule.NoActor: noActor,
		rule.LeftOut: levelNone, rule.Unsampled: sampled,
	}[v]
}
