package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// testApp is an app whose clock stands still, in a zone.
func testApp(t *testing.T, zone string) *app {
	t.Helper()
	a := newApp(nil, nil, nil, func(string) string { return "" })
	a.now = func() time.Time { return time.Date(2026, 11, 3, 0, 30, 0, 0, time.UTC) }
	a.flags.timeZone = zone
	if err := a.prepare(new(pflag.FlagSet)); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestParseWhen(t *testing.T) {
	a := testApp(t, "America/New_York") // where it is 2 November, 19:30
	for text, want := range map[string]string{
		"2h":                        "2026-11-02T22:30:00Z",
		"1h30m":                     "2026-11-02T23:00:00Z",
		"3d":                        "2026-10-31T00:30:00Z",
		"2w":                        "2026-10-20T00:30:00Z",
		"0s":                        "2026-11-03T00:30:00Z",
		"now":                       "2026-11-03T00:30:00Z",
		"today":                     "2026-11-02T05:00:00Z",
		"Yesterday":                 "2026-11-01T04:00:00Z", // the clocks went back on this day
		"2026-11-01":                "2026-11-01T04:00:00Z",
		"2026-11":                   "2026-11-01T04:00:00Z",
		"2026-11-02 09:30":          "2026-11-02T14:30:00Z",
		"2026-11-02T09:30:15":       "2026-11-02T14:30:15Z",
		"2026-11-02 09:30:15.25":    "2026-11-02T14:30:15.25Z",
		"2026-11-02T09:30:00Z":      "2026-11-02T09:30:00Z",
		"2026-11-02T09:30:00+01:00": "2026-11-02T08:30:00Z",
	} {
		got, err := a.parseWhen(text)
		if err != nil || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%q: got %s, %v, want %s", text, got.UTC().Format(time.RFC3339Nano), err, want)
		}
	}
	for _, text := range []string{"", "-2h", "2", "d", "-1d", "1.5d", "99999d", "2026-02-30", "25:00", "tomorrow"} {
		if got, err := a.parseWhen(text); err == nil || !strings.Contains(err.Error(), `"2h" or "3d"`) {
			t.Errorf("%q: got %s, %v", text, got, err)
		}
	}
}

// TestShown: a zone that was asked for is also used where there is no terminal.
func TestShown(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 0, 0, 123456000, time.UTC)
	for zone, want := range map[string][2]string{
		"":              {"2026-11-02T09:00:00.123456Z", "2026-11-02T09:00:00.123456Z"},
		"UTC":           {"2026-11-02 09:00:00", "2026-11-02 09:00:00.123456 +00:00"},
		"Europe/Berlin": {"2026-11-02 10:00:00", "2026-11-02 10:00:00.123456 +01:00"},
	} {
		a := testApp(t, zone)
		if got := [2]string{a.shown(at), a.shownExactly(at)}; got != want {
			t.Errorf("%q: got %q, want %q", zone, got, want)
		}
	}
}
