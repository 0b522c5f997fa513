// Package redact takes secrets and other private text out of spans and log
// records: by field, by the names of keys, and by patterns in free text. It
// changes pdata in place and keeps nothing.
package redact
