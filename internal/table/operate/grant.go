package operate

import (
	"fmt"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Grants returns the statements that give an account the rights of a role, "collector",
// "auditor" or "reader". It needs no database.
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
			return d.Grants(known, cfg.table(), account), nil
		}
	}
	return nil, marked{ErrConfig, fmt.Errorf("the role must be one of %q; got %.64q", dialect.Roles(), role)}
}
