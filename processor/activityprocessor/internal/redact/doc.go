// Package redact removes secrets and other private text from spans and log records: by
// field, by the names of keys, and by patterns in free text. It changes pdata in place and
// does not keep it.
package redact
