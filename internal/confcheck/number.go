package confcheck

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// unreadable has the problems of numbers that could not be decoded. Such a number has
// the value math.MinInt64 plus the index of its problem, which no valid one has, so
// that the Validate of its type can return the problem.
var unreadable struct {
	sync.Mutex
	problems []string
}

// keep returns the number that stands for a problem.
func keep(problem string) int64 {
	unreadable.Lock()
	defer unreadable.Unlock()
	i := slices.Index(unreadable.problems, problem)
	if i < 0 {
		i = len(unreadable.problems)
		unreadable.problems = append(unreadable.problems, problem)
	}
	return math.MinInt64 + int64(i)
}

// kept returns the problem that a number stands for, or nil.
func kept(number int64) error {
	unreadable.Lock()
	defer unreadable.Unlock()
	if i := number - math.MinInt64; i >= 0 && i < int64(len(unreadable.problems)) {
		return errors.New(unreadable.problems[i])
	}
	return nil
}

type number interface{ ~int | ~int64 }

// AtLeast returns an error if a number could not be decoded, or is less than least.
func AtLeast[N number](got, least N) error {
	if err := kept(int64(got)); err != nil {
		return err
	}
	if got < least {
		return fmt.Errorf("must be at least %d; got %d", int64(least), int64(got))
	}
	return nil
}

// Between returns an error if a number could not be decoded, is less than least or
// more than most.
func Between[N number](got, least, most N) error {
	if err := kept(int64(got)); err != nil {
		return err
	}
	if got < least || got > most {
		return fmt.Errorf("must be from %d to %d; got %d", int64(least), int64(most), int64(got))
	}
	return nil
}

// Count is a whole number that must not be negative.
type Count int

// Validate implements [confmap.Validator].
func (c Count) Validate() error { return AtLeast(c, 0) }

// PositiveCount is a whole number of at least 1.
type PositiveCount int

// Validate implements [confmap.Validator].
func (c PositiveCount) Validate() error { return AtLeast(c, 1) }

// Duration is a duration that must not be negative.
type Duration time.Duration

// Validate implements [confmap.Validator].
func (d Duration) Validate() error { return DurationBetween(d, 0, forever) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error { return ParseDuration(d, text) }

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String returns the duration as Go writes it.
func (d Duration) String() string { return time.Duration(d).String() }

// PositiveDuration is a duration of more than 0.
type PositiveDuration time.Duration

// Validate implements [confmap.Validator].
func (d PositiveDuration) Validate() error {
	if err := kept(int64(d)); err != nil {
		return err
	}
	if d <= 0 {
		return fmt.Errorf(`must be more than 0, such as "30s"; got %s`, time.Duration(d))
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *PositiveDuration) UnmarshalText(text []byte) error { return ParseDuration(d, text) }

// MarshalText implements [encoding.TextMarshaler].
func (d PositiveDuration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String returns the duration as Go writes it.
func (d PositiveDuration) String() string { return time.Duration(d).String() }

const forever = math.MaxInt64

// DurationBetween returns an error if a duration could not be decoded, is less than
// least or more than most.
func DurationBetween[D ~int64](got, least, most D) error {
	if err := kept(int64(got)); err != nil {
		return err
	}
	switch {
	case got >= least && got <= most:
		return nil
	case most == forever && least == 0:
		return fmt.Errorf("must be 0 or more; got %s", time.Duration(got))
	case most == forever:
		return fmt.Errorf("must be at least %s; got %s", time.Duration(least), time.Duration(got))
	}
	return fmt.Errorf("must be from %s to %s; got %s", time.Duration(least), time.Duration(most), time.Duration(got))
}

// DurationAtLeast is [DurationBetween] without an upper bound.
func DurationAtLeast[D ~int64](got, least D) error { return DurationBetween(got, least, forever) }

// ParseDuration sets d to the duration that a text is.
func ParseDuration[D ~int64](d *D, text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`must be a duration, such as "30s"; got %q`, text)
	}
	*d = D(parsed)
	return nil
}
