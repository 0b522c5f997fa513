package activity

import "log/slog"

// A handler of log/slog that meets a type that it does not know may write more than its text:
// OpenTelemetry's writes "unhandled: (activity.ActionType) Update". So these types say what they
// are.

// LogValue implements [slog.LogValuer]: the text.
func (t ActionType) LogValue() slog.Value { return slog.StringValue(string(t)) }

// LogValue implements [slog.LogValuer]: the text.
func (s Status) LogValue() slog.Value { return slog.StringValue(string(s)) }

// LogValue implements [slog.LogValuer]: the text.
func (t ActorType) LogValue() slog.Value { return slog.StringValue(string(t)) }

// LogValue implements [slog.LogValuer]: the text.
func (s Source) LogValue() slog.Value { return slog.StringValue(string(s)) }

// LogValue implements [slog.LogValuer]: the text of the UUID.
func (id ID) LogValue() slog.Value { return slog.StringValue(id.String()) }
