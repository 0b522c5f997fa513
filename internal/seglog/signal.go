package seglog

// Signal wakes all that wait for it, each time it fires. Its zero value is ready.
// The lock that guards what it is about must be held for both methods.
type Signal struct{ ch chan struct{} }

// Wait returns a channel that is closed when the signal fires next.
func (s *Signal) Wait() <-chan struct{} {
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

// Fire wakes all that wait.
func (s *Signal) Fire() {
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}
