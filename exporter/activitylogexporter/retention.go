package activitylogexporter

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Retention is an age: a number of days, "400d", or a duration as Go writes it,
// "36h". "0" is for ever.
type Retention time.Duration

// day is 24 hours: times of rows are in UTC.
const day = 24 * time.Hour

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Retention) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 36500 {
			return fmt.Errorf(`must be days such as "400d", up to "36500d", or a duration such as "36h"; got %q`, text)
		}
		*r = Retention(time.Duration(n) * day)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return fmt.Errorf(`must be days such as "400d", up to "36500d", or a duration such as "36h"; got %q`, text)
	}
	*r = Retention(d)
	return nil
}

// Validate implements [confmap.Validator].
func (r Retention) Validate() error {
	if r == 0 {
		return nil
	}
	return confcheck.DurationAtLeast(r, Retention(time.Hour))
}

// Example implements [confcheck.Exampler].
func (Retention) Example() string { return "400d" }

// String returns the age as it may be configured.
func (r Retention) String() string { return time.Duration(r).String() }
