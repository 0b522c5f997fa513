package dialect

import (
	"fmt"
	"strings"
	"testing"
)

// Where the database is goes to the log, and so it must be without users and passwords.
func TestPlace(t *testing.T) {
	for _, tt := range []struct{ driver, dsn, want string }{
		{"sqlite", "file:activity.db", "[] activity.db"},
		{"sqlite", "file:/var/lib/a%20b.db?mode=rw&_pragma=busy_timeout(1)", "[] /var/lib/a b.db"},
		{"sqlite", ":memory:", "[] :memory:"},
		{"postgres", "postgres://u5er:s3cret@db:5432/audit?sslmode=disable&application_name=s3cret", "[db:5432] audit"},
		{"postgres", "postgres://u5er:s3cret@a:1,b:2/audit?sslmode=prefer", "[a:1 b:2] audit"},
		{"postgres", "host=/run/postgresql user=u5er password='s3cret x' dbname=audit", "[/run/postgresql] audit"},
		{"postgres", "postgres://u5er:s3c%ret@db/audit", "[] "},
		{"mysql", "u5er:s3cret@tcp(db:3306)/audit?tls=true", "[db:3306] audit"},
		{"mysql", "u5er:s3@/cret@unix(/run/mysqld/mysqld.sock)/audit", "[/run/mysqld/mysqld.sock] audit"},
		{"mysql", "u5er:s3cret@strange(db)/audit", "[] "},
		{"mysql", "u5er:s3cret@tcp(db:3306)/audit?strict=true", "[] "},
		{"clickhouse", "clickhouse://u5er:s3cret@a:9000,b:9000/audit?password=s3cret", "[a:9000 b:9000] audit"},
		{"clickhouse", "s3cret", "[] "},
	} {
		placer, ok := For(tt.driver, Options{}).(Placer)
		if !ok {
			t.Fatalf("%s has no place", tt.driver)
		}
		addresses, database := placer.Place(tt.dsn)
		got := fmt.Sprint(addresses, " ", database)
		if got != tt.want {
			t.Errorf("%s: %q is in %q, want %q", tt.driver, tt.dsn, got, tt.want)
		}
		if strings.Contains(got, "s3c") || strings.Contains(got, "u5er") {
			t.Errorf("%s: %q has an account", tt.driver, got)
		}
	}
}
