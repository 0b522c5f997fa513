package activity_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// anyTime is a time between 1970 and 2200, to the nanosecond.
func anyTime(r *rand.Rand) time.Time {
	return time.Unix(r.Int64N(7_258_118_400), r.Int64N(1_000_000_000)).UTC()
}

func TestIDTimeRoundTripsToTheMicrosecond(t *testing.T) {
	base := time.Date(2026, 11, 23, 3, 49, 5, 0, time.UTC)
	for micro := range 1_000_000 { // every microsecond of a second
		at := base.Add(time.Duration(micro)*time.Microsecond + 999)
		if got, want := activity.NewIDAt(at).Time(), at.Truncate(time.Microsecond); !got.Equal(want) {
			t.Fatalf("time of id made at %v: got %v, want %v", at, got, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		at := anyTime(r)
		if got, want := activity.NewIDAt(at).Time(), at.Truncate(time.Microsecond); !got.Equal(want) {
			t.Fatalf("time of id made at %v: got %v, want %v", at, got, want)
		}
	}
}

func TestIDOrderIsTimeOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		a := anyTime(r)
		b := a.Add(time.Duration(1000 + r.Int64N(2_000_000))) // near: the fraction decides
		if r.IntN(2) == 0 {
			b = anyTime(r)
		}
		ia, ib := activity.NewIDAt(a), activity.NewIDAt(b)
		if a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond)) {
			continue // the same microsecond: no order is promised
		}
		if (bytes.Compare(ia[:], ib[:]) < 0) != a.Before(b) || (ia.String() < ib.String()) != a.Before(b) {
			t.Fatalf("ids of %v and %v are in the wrong order: %v, %v", a, b, ia, ib)
		}
	}
}

func TestAMillionIDsNoTwoAlike(t *testing.T) {
	at := time.Now() // all in one instant: the random part alone tells them apart
	ids := make([]activity.ID, 1_000_000)
	for i := range ids {
		ids[i] = activity.NewIDAt(at)
	}
	slices.SortFunc(ids, func(a, b activity.ID) int { return bytes.Compare(a[:], b[:]) })
	for i := 1; i < len(ids); i++ {
		if ids[i] == ids[i-1] {
			t.Fatalf("id %v was made twice", ids[i])
		}
	}
}

func TestNewIDsOfOneProcessFollowTheClock(t *testing.T) {
	before := time.Now().Add(-time.Millisecond)
	got := activity.NewID().Time()
	if got.Before(before) || got.After(time.Now().Add(time.Millisecond)) {
		t.Errorf("NewID at about %v holds %v", before, got)
	}
}

func TestHashIDIsDeterministicAndTellsContentsApart(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	same := func(content []byte) bool {
		return activity.HashID(at, content) == activity.HashID(at.Local(), slices.Clone(content))
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
	differs := func(a, b []byte) bool {
		return bytes.Equal(a, b) || activity.HashID(at, a) != activity.HashID(at, b)
	}
	if err := quick.Check(differs, nil); err != nil {
		t.Error(err)
	}
	// Pinned: ids that were made by a released version must be made again.
	const want = "019b7ca9-8c88-7019-acf2-4dba5fb0a30e"
	if got := activity.HashID(at, []byte("hello")).String(); got != want {
		t.Errorf("HashID of a known content: got %v, want %v", got, want)
	}
}

func TestParseIDRoundTrips(t *testing.T) {
	for range 10_000 {
		id := activity.NewID()
		got, err := activity.ParseID(id.String())
		if err != nil || got != id {
			t.Fatalf("ParseID(%v) = %v, %v", id, got, err)
		}
		var fromText activity.ID
		text, _ := id.MarshalText()
		if err := fromText.UnmarshalText(bytes.ToUpper(text)); err != nil || fromText != id {
			t.Fatalf("UnmarshalText(%s) = %v, %v", text, fromText, err)
		}
	}
}

func TestParseIDRefusesWhatHoldsNoTime(t *testing.T) {
	for name, s := range map[string]string{
		"empty":           "",
		"free text":       "order-17",
		"UUIDv4":          "0f8fad5b-d9cb-469f-a165-70867728950e",
		"no dashes":       "019a8f6e5c1b7c3a9f102b6f0c9d4e71",
		"not hexadecimal": "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4eZZ",
		"wrong variant":   "019a8f6e-5c1b-7c3a-1f10-2b6f0c9d4e71",
		"ULID":            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
	} {
		if id, err := activity.ParseID(s); err == nil || !id.IsZero() {
			t.Errorf("%s: ParseID(%q) = %v, %v; want an error", name, s, id, err)
		}
	}
}

func TestIDOfTimesThatItCannotHold(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(-1, 0), time.Date(30000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		id := activity.NewIDAt(at)
		if _, err := activity.ParseID(id.String()); err != nil {
			t.Errorf("id of %v: %v", at, err)
		}
	}
	if got := activity.NewIDAt(time.Unix(-1, 5)).Time(); got.UnixNano() != 0 {
		t.Errorf("id of a time before 1970 holds %v, want 1970", got)
	}
}

func BenchmarkNewID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = activity.NewID()
	}
}
