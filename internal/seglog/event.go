package seglog

import "fmt"

// Kind says what an [Event] is about.
type Kind string

// Kinds of events.
const (
	// KindDamaged means that bytes of a segment cannot be read. They are copied to
	// damaged/. Records is the number of lost records.
	KindDamaged Kind = "damaged"
	// KindMissing means that a segment file is missing or truncated.
	KindMissing Kind = "missing"
	// KindTorn means that a segment ends in an incomplete record, as after a crash. Its
	// Append had not returned, so nothing is lost.
	KindTorn Kind = "torn"
	// KindRestored means that files were removed or replaced, and the log has written
	// them again.
	KindRestored Kind = "restored"
	// KindWriteFailed means that records could not be written. Append returned the
	// error.
	KindWriteFailed Kind = "write failed"
	// KindWriteWorks means that records can be written again.
	KindWriteWorks Kind = "write works"
)

// Event is something that an operator should know.
type Event struct {
	Kind    Kind
	File    string // path of the file
	Offset  int64  // where in it the damage begins
	Bytes   int64  // how many bytes are damaged, or were written again
	Records uint64 // how many records are lost, by their sequence numbers
	SavedTo string // the copy of the damaged bytes; empty if they could not be copied
	Err     error

	name string // see Options.RecordName
}

func (e Event) String() string {
	text := string(e.Kind) + ": " + e.File
	switch e.Kind {
	case KindDamaged:
		text = fmt.Sprintf("%s is damaged at byte %d: %d bytes, %d %s lost", e.File, e.Offset, e.Bytes, e.Records, e.name)
		if e.SavedTo != "" {
			text += "; the bytes are in " + e.SavedTo
		}
	case KindMissing:
		text = fmt.Sprintf("%s is missing or ends early: %d %s lost", e.File, e.Records, e.name)
	case KindTorn:
		text = fmt.Sprintf("%s ends in a record that was not written completely (%d bytes); nothing acknowledged is lost", e.File, e.Bytes)
	case KindRestored:
		text = fmt.Sprintf("%s was removed or replaced and is written again", e.File)
	case KindWriteFailed:
		text = "cannot write to " + e.File
	case KindWriteWorks:
		text = "can write to " + e.File + " again"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}
