package firebird_test

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/store"
)

// TestErrorsHaveNoPassword: this driver reads a DSN as a URL, whose errors repeat
// what comes before a "#", "?" or "/" of a password that is not encoded.
func TestErrorsHaveNoPassword(t *testing.T) {
	for _, dsn := range []string{
		"SYSDBA:hunter2#3@127.0.0.1:3050/test.fdb", "SYSDBA:hunter2?3@127.0.0.1:3050/test.fdb",
		"SYSDBA:hunter2/3@127.0.0.1:3050/test.fdb", "SYSDBA:hunter2%3@127.0.0.1:3050/test.fdb",
	} {
		s, err := store.Open(store.Config{Dialect: generic, DSN: dsn, Table: "activity_log"}, nil)
		if err == nil {
			err = s.Prepare(t.Context())
			_ = s.Close()
		}
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", dsn, err)
		} else {
			t.Log(err)
		}
	}
}
