// Package record reads the attributes of spans and log records, by the current and the
// old semantic conventions, and normalises the attributes of activities.
package record
