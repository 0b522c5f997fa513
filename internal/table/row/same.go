package row

// Compared are the columns that say what an activity is about: who did what to
// which object, from where and in which service, and whether it worked. See [Same].
var Compared = [...]int{ActorID, ImpersonatorID, TenantID, ActionType, ActionName, Status, ObjectType, ObjectID,
	ClientAddress, ServiceName, TraceID, SpanID}

// Same reports whether a row with an id that the table has already is about the same
// activity as the row that is there. Their columns of [Compared] must be
// equal. If both name the same span they are the two signals of one activity, and
// the one that comes later may lack what the other has. It must not have more:
// whoever sends an empty row first would hide the true one.
func Same(there, later *Row) bool {
	span := there.Text[SpanID] != "" && there.Text[SpanID] == later.Text[SpanID] && there.Text[TraceID] == later.Text[TraceID]
	for _, column := range Compared {
		switch x, y := there.Text[column], later.Text[column]; {
		case x == y, column == TraceID, column == SpanID: // those may be missing in a log record
		case span && y == "" && column != Status:
		default:
			return false
		}
	}
	return true
}
