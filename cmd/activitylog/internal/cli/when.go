package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
)

// timeZone returns the zone of --time-zone or --utc, or else nil.
func (a *app) timeZone() (*time.Location, error) {
	name := a.flags.timeZone
	switch {
	case a.flags.utc && name != "":
		return nil, fmt.Errorf("--utc and --time-zone cannot be used together")
	case a.flags.utc:
		return time.UTC, nil
	case name == "":
		return nil, nil
	case strings.EqualFold(name, "local"):
		return time.Local, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf(`--time-zone must be the name of a time zone, such as "Europe/Berlin", "UTC" or "local"; got %.64q`, name)
	}
	return zone, nil
}

// inputZone is the zone of dates and times that are given without one.
func (a *app) inputZone() *time.Location {
	if a.zone != nil {
		return a.zone
	}
	return time.Local
}

// layouts are the forms of a time without a zone.
var layouts = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly, "2006-01"}

// forms says how a time can be written.
const forms = `a time ago, "2h" or "3d", a date, "2026-11-01", or a time, "2026-11-01 09:30" or "2026-11-01T09:30:00Z"`

// parseWhen reads a time: how long ago it is, a date, or a time.
func (a *app) parseWhen(text string) (time.Time, error) {
	if ago, ok := parseAgo(text); ok {
		return a.now().Add(-ago), nil
	}
	switch strings.ToLower(text) {
	case "now":
		return a.now(), nil
	case "today", "yesterday":
		year, month, day := a.now().In(a.inputZone()).Date()
		if strings.EqualFold(text, "yesterday") {
			day--
		}
		return time.Date(year, month, day, 0, 0, 0, 0, a.inputZone()), nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, a.inputZone()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("must be %s; got %.64q", forms, text)
}

// parseRange reads --since and --until. The time of one that is "" is zero.
func (a *app) parseRange(since, until string) (from, to time.Time, err error) {
	if since != "" {
		if from, err = a.parseWhen(since); err != nil {
			return from, to, usagef("--since %w", err)
		}
	}
	if until != "" {
		if to, err = a.parseWhen(until); err != nil {
			return from, to, usagef("--until %w", err)
		}
	}
	if since != "" && until != "" && !from.Before(to) {
		return from, to, usagef("--since must be before --until; got %s and %s", since, until)
	}
	return from, to, nil
}

// parseAgo reads a length of time: those of Go, and days and weeks, "3d", "2w".
func parseAgo(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseUint(number, 10, 16)
			return time.Duration(n) * length, err == nil
		}
	}
	ago, err := time.ParseDuration(text)
	return ago, err == nil && ago >= 0
}

// shown returns a time for people, or for programs where the output is not a terminal.
func (a *app) shown(at time.Time) string {
	if a.zone == nil && !a.terminal() {
		return field.Time(at)
	}
	return at.In(a.inputZone()).Format("2006-01-02 15:04:05")
}

// shownExactly is [app.shown] to the microsecond, and with the zone.
func (a *app) shownExactly(at time.Time) string {
	if a.zone == nil && !a.terminal() {
		return field.Time(at)
	}
	return at.In(a.inputZone()).Format("2006-01-02 15:04:05.000000 -07:00")
}
