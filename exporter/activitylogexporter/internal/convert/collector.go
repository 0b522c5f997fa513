package convert

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// ofCollector are the attributes that a collector sets, with their names in data.
var ofCollector = [...]struct{ key, name string }{
	{activity.SenderKey, activity.SenderName},
	{activity.ActorVerifiedKey, activity.ActorVerifiedName},
	{activity.ForgedKey, activity.ForgedKey},
	{activity.DroppedAttributesKey, activity.DroppedAttributesKey},
	{activity.DroppedMembersKey, activity.DroppedMembersKey},
}

// ofCollector writes what the collector says of a record, before the members that
// the record brings: of two with the same name the first one counts.
func (o *object) ofCollector(m *maker) {
	for i, value := range m.ofCollector {
		if value != (pcommon.Value{}) {
			o.value(ofCollector[i].name, value)
		}
	}
}

// noteOfCollector keeps an attribute that the collector sets.
func (m *maker) noteOfCollector(key string, value pcommon.Value) {
	for i := range ofCollector {
		if ofCollector[i].key == key {
			m.ofCollector[i] = value
			return
		}
	}
}

// ownName returns the name that a member of activity.data has in the column. It is
// another one for members that only the collector may set, such as the sender, which
// it has authenticated, and for those that the exporter sets in this row.
func (o *object) ownName(name string) string {
	for i := range ofCollector {
		if ofCollector[i].name == name {
			return name + ".original"
		}
	}
	if slices.Contains(o.noted, name) {
		return name + ".original"
	}
	return name
}
