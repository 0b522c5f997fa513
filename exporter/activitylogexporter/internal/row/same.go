package row

// Compared are the columns that say what an activity is about: who did what to
// which object, and whether it worked. See [Same].
var Compared = [...]int{ActorID, ImpersonatorID, TenantID, ActionType, ActionName, Status, ObjectType, ObjectID, TraceID, SpanID}

// Same reports whether two rows with one id tell of the same activity. Their
// columns of [Compared] must be equal. Two that also name the same span are the
// two signals of one activity, of which one may know less: a user, a tenant or
// an object that a processor has found for one of them alone is no difference.
func Same(a, b *Row) bool {
	span := a.Text[SpanID] != "" && a.Text[SpanID] == b.Text[SpanID] && a.Text[TraceID] == b.Text[TraceID]
	for _, column := range Compared {
		switch x, y := a.Text[column], b.Text[column]; {
		case x == y, column == TraceID, column == SpanID: // those may be missing in a log record
		case span && (x == "" || y == "") && column != Status:
		default:
			return false
		}
	}
	return true
}
