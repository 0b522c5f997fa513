// Package record reads spans and log records: what their attributes say of an
// activity, by the present and the old semantic conventions, and how to write it
// back in its uniform form.
package record
