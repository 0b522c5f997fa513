package activitylogexporter

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// FuzzDSN reads arbitrary text as the DSN of each driver, and of none. Whatever it
// is, there is an error or a store, soon, and no error shows the password, for
// which the word PASSWORD stands.
func FuzzDSN(f *testing.F) {
	for _, dsn := range []string{
		"postgres://u:PASSWORD@h:5432/db?sslmode=disable", "postgres://u:PASSWORD@h:port%/db", "host=h user=u password=PASSWORD dbname=db",
		"u:PASSWORD@tcp(h:3306)/db?timeout=1s", "u:PASSWORD@unix(/run/m.sock)/db", "u@PASSWORD(h)/db", "mysql://u:PASSWORD@h/db",
		"clickhouse://u:PASSWORD@h:9000/db?read_timeout=1s", "https://u:PASSWORD@h:8443/db?secure=true", "file:activity.db?mode=rw", "file:a\x00b", "",
		"%zz", "file:PASSWORD", "u:PASSWORD@tcp(h:3306)/db?tls=\xff", strings.Repeat("host=h ", 1000),
	} {
		f.Add(dsn)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		dsn := strings.ReplaceAll(text, "PASSWORD", secret)
		start := time.Now()
		for _, driver := range []string{"", "sqlite", "postgres", "mysql", "clickhouse"} {
			cfg := createDefaultConfig().(*Config)
			cfg.Driver, cfg.DSN = Driver(driver), configopaque.String(dsn)
			if driver == "" {
				cfg.Driver = Driver(sqldsn.Kind(strings.TrimSpace(dsn)))
			}
			err := confmap.Validate(cfg)
			if err == nil {
				var opened *store.Store
				if opened, err = store.Open(cfg.store(), nil); err == nil {
					_ = opened.Close()
				}
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("driver %q: the error shows the password: %v", driver, err)
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
