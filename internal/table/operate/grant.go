package operate

import (
	"fmt"
	"strings"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Grants returns the statements that give an account the rights of a role, "collector",
// "auditor" or "reader". It does not connect.
func Grants(cfg Config, role, account string) ([]string, error) {
	d, err := cfg.find()
	switch {
	case err != nil:
		return nil, marked{ErrConfig, err}
	case d.Driver() == sqldsn.SQLite:
		return nil, marked{ErrConfig, fmt.Errorf("sqlite has no accounts: the rights are those of the file and its folder (docs/databases/sqlite.md)")}
	case !dialect.CheckAccount(account):
		return nil, marked{ErrConfig, fmt.Errorf(`the account must be a name such as "collector", on MySQL also "collector@10.0.0.%%"; got %.64q`, account)}
	}
	for _, known := range dialect.Roles() {
		if string(known) == role {
			return append(d.Grants(known, cfg.table(), account), cfg.temporary(d, known, account)...), nil
		}
	}
	return nil, marked{ErrConfig, fmt.Errorf("the role must be one of %q; got %.64q", dialect.Roles(), role)}
}

// temporary returns the statement for the staging tables of MySQL. It is about a whole
// database, so it needs the name of that, or of the table's schema.
func (c Config) temporary(d dialect.Operator, role dialect.Role, account string) []string {
	placer, ok := d.(dialect.Placer)
	if !ok || d.Driver() != sqldsn.MySQL || role != dialect.RoleCollector {
		return nil
	}
	database := schemaOf(c.table())
	if database == "" && c.DSN != "" {
		_, database = placer.Place(c.DSN)
	}
	if database == "" || !tableName.MatchString(database) {
		return nil
	}
	name, host, at := strings.Cut(account, "@")
	if at {
		host = "@'" + host + "'"
	}
	return []string{"GRANT CREATE TEMPORARY TABLES ON " + database + ".* TO '" + name + "'" + host}
}
