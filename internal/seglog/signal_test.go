package seglog

import "testing"

func TestSignal(t *testing.T) {
	var s Signal
	s.Fire() // nothing waits
	fired := func(wait <-chan struct{}) bool {
		select {
		case <-wait:
			return true
		default:
			return false
		}
	}
	first, second := s.Wait(), s.Wait()
	if fired(first) || fired(second) {
		t.Error("woken before the signal has fired")
	}
	s.Fire()
	if !fired(first) || !fired(second) {
		t.Error("not woken, although the signal has fired")
	}
	if fired(s.Wait()) {
		t.Error("woken by what fired before")
	}
}
