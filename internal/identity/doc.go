// Package identity gives spans and log records their activity id: the one they
// carry, or else one that is made from what they are, the same each time they
// come. It is where pdata and [activity.ID] meet, shared by the activity
// processor and the activitylog exporter, so that both make the same ids.
package identity
