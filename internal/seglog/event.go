package seglog

import "fmt"

// Kind says what an [Event] is about.
type Kind string

// Kinds of events.
const (
	// KindDamaged: bytes of a segment are not readable. They are copied to
	// damaged/, and Records of them are lost.
	KindDamaged Kind = "damaged"
	// KindMissing: a segment file is not there, or ends early.
	KindMissing Kind = "missing"
	// KindTorn: a segment ends in a record that was never acknowledged to its
	// writer, as after a crash. Nothing is lost.
	KindTorn Kind = "torn"
	// KindRestored: files had been removed or replaced; the log wrote them again.
	KindRestored Kind = "restored"
	// KindWriteFailed: records could not be written; their writers were told.
	KindWriteFailed Kind = "write failed"
	// KindWriteWorks: records can be written again.
	KindWriteWorks Kind = "write works"
)

// Event is something that a person should know of.
type Event struct {
	Kind    Kind
	File    string // path of the file
	Offset  int64  // where in it the damage begins
	Bytes   int64  // how many bytes are damaged, or were written again
	Records uint64 // how many records are lost, by their sequence numbers
	SavedTo string // where the damaged bytes are now; empty when they could not be kept
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
