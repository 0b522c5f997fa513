// Package sqldsntest has data source names that the exporter and the lookups of the
// processor must read in the same way. Both test themselves with it.
package sqldsntest

// Password is in each of the data source names that are refused. No error may have it.
const Password = "s3cret"

// Case is one data source name.
type Case struct {
	Driver string // postgres, mysql or sqlite
	DSN    string
	OK     bool // both take it
}

// Cases are data source names, most of them with something in the password, or
// elsewhere, that means something in another place.
var Cases = []Case{
	{"mysql", "u:p@tcp(h:3306)/db", true},
	{"mysql", "u:p@tcp(h:3306)/db?tls=skip-verify&timeout=3s", true},
	{"mysql", "u:p@unix(/run/mysqld/mysqld.sock)/db", true},
	{"mysql", "u:strict=@tcp(h:3306)/db", true},
	{"mysql", "u:a&strict=b@tcp(h:3306)/db", true},
	{"mysql", "u:a?b&strict=true&c@tcp(h:3306)/db?timeout=3s", true},
	{"mysql", "strict=:p@tcp(h:3306)/db", true},
	{"mysql", "u:p@tcp(strict=h:3306)/db", true},
	{"mysql", "u:p@tcp(h:3306)/strict=db", true},
	{"mysql", "u:p@tcp(h:3306)/db?xstrict=1", true},
	{"mysql", "u:p@tcp(h:3306)/db?sql_select_limit=strict=", true},
	{"mysql", "u:a/b?c&d=e@:f@(tcp)@tcp(h:3306)/db", true},
	{"mysql", "u:s3cret@tcp(h:3306)/db?strict=true", false},
	{"mysql", "u:s3cret@tcp(h:3306)/db?timeout=3s&strict=true", false},
	{"mysql", "u:s3cret@tcp(h:3306)/db?timeout=s3cret", false},
	{"mysql", "u:p@s3cret(h:3306)/db", false},
	{"mysql", "u:s3cret@tcp(h:3306)", false},
	{"mysql", "mysql://u:s3cret@h:3306/db", false},
	{"postgres", "postgres://u:p@h:5432/db", true},
	{"postgres", "postgresql://u:strict=@h/db?sslmode=disable", true},
	{"postgres", "host=h user=u dbname=db password='a strict=b'", true},
	{"postgres", "postgres://u:s3cret@h:port/db", false},
	{"postgres", "password=s3cret host", false},
	{"sqlite", "file:users.db", true},
	{"sqlite", "users.db?mode=ro", true},
	{"sqlite", "file:strict=.db", true},
	{"sqlite", "file:", false},
	{"sqlite", "sqlite:s3cret.db", false},
	{"sqlite", "sqlite:///var/s3cret.db", false},
	{"sqlite", "FILE:s3cret.db", false},
	{"sqlite", "file:a.db?%zz=s3cret", false},
	{"sqlite", "postgres://u:s3cret@h/db", false},
	{"sqlite", "u:s3cret@tcp(h:3306)/db", false},
}
