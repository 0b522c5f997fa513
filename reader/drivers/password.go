package drivers

import (
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// passwords returns the passwords that a data source name may have, in the form of any
// driver.
func passwords(dsn string) (found []string) {
	if u, err := url.Parse(dsn); err == nil {
		if u.User != nil {
			if password, ok := u.User.Password(); ok {
				_, encoded, _ := strings.Cut(u.User.String(), ":")
				found = append(found, password, encoded)
			}
		}
		for name, values := range u.Query() {
			if strings.Contains(name, "password") {
				found = append(found, values...)
			}
		}
	}
	if strings.Contains(dsn, "=") {
		if cfg, err := pgx.ParseConfig(dsn); err == nil && cfg.Password != "" {
			found = append(found, cfg.Password)
		}
	}
	if _, err := sqldsn.ParseMySQL(dsn); err == nil {
		if cfg, err := mysql.ParseDSN(dsn); err == nil && cfg.Passwd != "" {
			found = append(found, cfg.Passwd)
		}
	}
	return found
}
