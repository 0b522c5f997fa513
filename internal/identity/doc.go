// Package identity gives spans and log records their activity id: the one in their
// attributes, or else one computed from their content, which is the same each time that
// they are received. The activity processor and the activitylog exporter share it, so
// that both compute the same ids.
package identity
