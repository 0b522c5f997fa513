package dialect_test

import (
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// TestMySQLDSN: what a DSN says about the connection is kept, and what rows
// depend on is set whatever it says.
func TestMySQLDSN(t *testing.T) {
	const isolation = "'en_US', /*!80000 transaction_isolation *//*M! tx_isolation */ = 'READ-COMMITTED'"
	for name, c := range map[string]struct {
		dsn                                        string
		password, address, db, messages, isolation string
	}{
		"plain":    {"u:p@tcp(h:3307)/db", "p", "h:3307", "db", isolation, ""},
		"password": {"u:p/a?s&s=@:w@rd@tcp(h:3307)/db?tls=skip-verify", "p/a?s&s=@:w@rd", "h:3307", "db", isolation, ""},
		"socket":   {"u:p@unix(/run/mysqld/mysqld.sock)/db", "p", "/run/mysqld/mysqld.sock", "db", isolation, ""},
		"isolation": {"u:p@tcp(h)/db?tx_isolation=%27REPEATABLE-READ%27", "p", "h:3306", "db", "'en_US'",
			"'REPEATABLE-READ'"},
		"ours": {"u:p@tcp(h)/db?charset=latin1&parseTime=false&sql_mode=%27%27&timeout=3s&maxAllowedPacket=99&loc=Asia%2FTokyo", "p", "h:3306", "db", isolation, ""},
	} {
		t.Run(name, func(t *testing.T) {
			full, err := dialect.MySQL{}.DSN(c.dsn)
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := mysql.ParseDSN(full)
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Passwd != c.password || cfg.Addr != c.address || cfg.DBName != c.db || cfg.Params["lc_messages"] != c.messages ||
				cfg.Params["tx_isolation"] != c.isolation {
				t.Errorf("got %+v", cfg)
			}
			if !cfg.ParseTime || cfg.Loc != time.UTC || cfg.MaxAllowedPacket != 0 || !cfg.InterpolateParams || len(cfg.Params["sql_mode"]) < 20 ||
				cfg.Params["time_zone"] != "'+00:00'" || (cfg.Timeout.Seconds() != 10) != (name == "ours") {
				t.Errorf("got %+v", cfg)
			}
		})
	}
}
