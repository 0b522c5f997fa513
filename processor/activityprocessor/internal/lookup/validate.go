package lookup

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Formats of a file.
const (
	formatCSV   = "csv"
	formatJSON  = "json"
	formatJSONL = "jsonl"
)

// Validate reports everything that is wrong, each with its YAML key.
func Validate(cfgs []Config) error {
	var errs []error
	names := make(map[string]int, len(cfgs))
	for i := range cfgs {
		at := fmt.Sprintf("lookups[%d]", i)
		if first, ok := names[cfgs[i].Name]; ok && cfgs[i].Name != "" {
			errs = append(errs, fmt.Errorf("%s.name: %q is the name of lookups[%d] already", at, cfgs[i].Name, first))
		}
		names[cfgs[i].Name] = i
		for _, err := range cfgs[i].check() {
			errs = append(errs, fmt.Errorf("%s.%w", at, err))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) check() (errs []error) {
	if strings.TrimSpace(c.Name) == "" {
		errs = append(errs, errors.New("name: must be set; metrics and messages name the lookup by it"))
	}
	if len(c.Key) == 0 || slices.Contains(c.Key, "") {
		errs = append(errs, errors.New("key: must be an attribute such as activity.actor.id, or a list of them"))
	}
	if len(c.Set) == 0 {
		errs = append(errs, errors.New("set: must have an attribute and its column, such as activity.actor.name: name"))
	}
	for attribute, column := range c.Set {
		if attribute == "" || column == "" {
			errs = append(errs, fmt.Errorf("set: attribute %q has column %q; both must be set", attribute, column))
		}
	}
	switch {
	case c.File.HasValue() && c.SQL.HasValue():
		return append(errs, errors.New("file: is there together with sql; allowed is one of them"))
	case c.File.HasValue():
		return append(errs, c.File.Get().check(len(c.Key))...)
	case c.SQL.HasValue():
		errs = append(errs, c.SQL.Get().check(len(c.Key))...)
		return append(errs, c.Cache.check()...)
	}
	return append(errs, errors.New("file: neither file nor sql is there; one is needed"))
}

func (c *FileConfig) check(keys int) (errs []error) {
	if c.Path == "" {
		errs = append(errs, errors.New("file.path: must be set"))
	}
	if c.format() == "" {
		errs = append(errs, fmt.Errorf("file.format: %q is unknown, and the path's extension does not say it; allowed are csv, json and jsonl", c.Format))
	}
	if len(c.KeyColumns) != keys || slices.Contains(c.KeyColumns, "") {
		errs = append(errs, fmt.Errorf("file.key_columns: must name the columns of the key, as many as key has (%d), has %d", keys, len(c.KeyColumns)))
	}
	if c.MaxBytes <= 0 || c.MaxBytes > maxTableBytes {
		errs = append(errs, fmt.Errorf("file.max_bytes: must be between 1 and %d, is %d", maxTableBytes, c.MaxBytes))
	}
	return append(errs, notNegative("file.reload_interval", c.ReloadInterval)...)
}

// format is that of the file, or "".
func (c *FileConfig) format() string {
	f := c.Format
	if f == "" {
		f = strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Path)), ".")
	}
	switch f {
	case formatCSV, formatJSON, formatJSONL:
		return f
	case "ndjson":
		return formatJSONL
	}
	return ""
}

func (c *SQLConfig) check(keys int) (errs []error) {
	if !slices.Contains(drivers(), c.Driver) {
		return []error{fmt.Errorf("sql.driver: unknown driver %q; allowed are: %s", c.Driver, strings.Join(drivers(), ", "))}
	}
	if _, err := connect(c); err != nil {
		errs = append(errs, fmt.Errorf("sql.dsn: %w", err))
	}
	if n := placeholders(c.Driver, c.Query); n != keys {
		errs = append(errs, fmt.Errorf("sql.query: has %d placeholders and key has %d attributes; a placeholder is %s", n, keys, placeholder(c.Driver)))
	}
	for _, limit := range []struct {
		key   string
		value int
	}{{"sql.max_open_conns", c.MaxOpenConns}, {"sql.max_pending", c.MaxPending}} {
		if limit.value < 1 {
			errs = append(errs, fmt.Errorf("%s: must be 1 at least, is %d", limit.key, limit.value))
		}
	}
	if c.QueryTimeout <= 0 {
		errs = append(errs, fmt.Errorf("sql.query_timeout: must be more than 0, is %s", c.QueryTimeout))
	}
	errs = append(errs, notNegative("sql.timeout", c.Timeout)...)
	return append(errs, notNegative("sql.conn_max_lifetime", c.ConnMaxLifetime)...)
}

func (c *CacheConfig) check() (errs []error) {
	if c.MaxEntries < 1 {
		errs = append(errs, fmt.Errorf("cache.max_entries: must be 1 at least, is %d", c.MaxEntries))
	}
	if c.TTL <= 0 {
		errs = append(errs, fmt.Errorf("cache.ttl: must be more than 0, is %s", c.TTL))
	}
	errs = append(errs, notNegative("cache.negative_ttl", c.NegativeTTL)...)
	return append(errs, notNegative("cache.max_stale", c.MaxStale)...)
}

func notNegative(key string, d time.Duration) []error {
	if d < 0 {
		return []error{fmt.Errorf("%s: must not be negative, is %s", key, d)}
	}
	return nil
}

var (
	// quoted is what a query has in quotes or comments, where nothing is a placeholder.
	quoted   = regexp.MustCompile(`(?s)'[^']*'|"[^"]*"|` + "`[^`]*`" + `|--[^\n]*|/\*.*?\*/`)
	dollar   = regexp.MustCompile(`\$(\d+)`)
	question = regexp.MustCompile(`\?(\d*)`)
)

// placeholders is how many arguments query takes.
func placeholders(driver, query string) int {
	pattern := question
	if driver == driverPostgres {
		pattern = dollar
	}
	highest, plain := 0, 0
	for _, match := range pattern.FindAllStringSubmatch(quoted.ReplaceAllString(query, " "), -1) {
		number, err := strconv.Atoi(match[1])
		if err != nil {
			plain++
		}
		highest = max(highest, number)
	}
	return max(highest, plain)
}

func placeholder(driver string) string {
	if driver == driverPostgres {
		return "$1, $2"
	}
	return "?"
}
