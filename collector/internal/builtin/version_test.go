package builtin

import "testing"

// A release says its version and commit, and leaves all else to the Collector.
func TestVersion(t *testing.T) {
	const said = "otelcol-activitylog version 0.2.0 (0123456789ab)"
	for _, test := range []struct {
		args            []string
		release, commit string
		want            string
	}{
		{[]string{"otelcol-activitylog", "--version"}, "0.2.0", "0123456789ab", said},
		{[]string{"otelcol-activitylog", "-v"}, "0.2.0", "0123456789ab", said},
		{[]string{"otelcol-activitylog", "version"}, "0.2.0", "0123456789ab", said},
		{[]string{"otelcol-activitylog", "--version"}, "", "", ""},
		{[]string{"otelcol-activitylog", "--version"}, "0.2.0", "", ""},
		{[]string{"otelcol-activitylog"}, "0.2.0", "0123456789ab", ""},
		{[]string{"otelcol-activitylog", "validate"}, "0.2.0", "0123456789ab", ""},
		{[]string{"otelcol-activitylog", "--config", "version"}, "0.2.0", "0123456789ab", ""},
		{nil, "0.2.0", "0123456789ab", ""},
	} {
		if got := Version(test.args, test.release, test.commit); got != test.want {
			t.Errorf("Version(%q, %q, %q) = %q, want %q", test.args, test.release, test.commit, got, test.want)
		}
	}
}
