package store

import (
	"testing"
	"time"
)

func TestLimitShrinksAndGrowsBack(t *testing.T) {
	var l limit
	if l.get() != maxRows {
		t.Fatalf("at first: %d rows, want %d", l.get(), maxRows)
	}
	l.grow(maxRows, time.Second)
	l.shrink(10_000, time.Second)
	l.shrink(10_000, time.Second) // another worker, at the same time
	if l.get() != 5000 {
		t.Errorf("after 10,000 rows were too many: %d, want 5000", l.get())
	}
	for range 20 {
		l.shrink(l.get(), time.Second)
	}
	if l.get() != 1 {
		t.Errorf("after 20 more: %d, want 1", l.get())
	}
	l.grow(1, 500*time.Millisecond) // near the limit: carefully
	if l.get() != 2 {
		t.Errorf("grown to %d, want 2", l.get())
	}
	l.grow(1, time.Millisecond) // not a full one: it says nothing
	if l.get() != 2 {
		t.Errorf("grown to %d by a small transaction, want 2", l.get())
	}
	for range 13 {
		l.grow(l.get(), time.Millisecond)
	}
	if l.get() != maxRows {
		t.Errorf("13 fast ones later: %d, want %d", l.get(), maxRows)
	}
}
