package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// source is where the rows are.
type source struct {
	driver string // "" follows from the DSN
	dsn    string
	table  string // "" is activity_log

	origin       string // where the DSN was given, for errors
	driverOrigin string // the same of the driver
}

// defaultDSN is that of the collector.
const defaultDSN = "file:activity.db"

// originDefault is the origin of [defaultDSN].
const originDefault = "the default, " + defaultDSN

// kind is the driver, given or of the DSN, or "".
func (s source) kind() string {
	if s.driver == "" {
		return sqldsn.Kind(s.dsn)
	}
	return s.driver
}

// hint is what to add to an error of opening the database.
func (s source) hint() string {
	if s.origin == originDefault {
		return "; set ACTIVITYLOG_DSN to the database that the collector writes to"
	}
	return ""
}

// driverHint says where the driver was given, at the end of an error of a DSN that is
// not one for it.
func (s source) driverHint() string {
	if s.driver == "" {
		return ""
	}
	found := sqldsn.Kind(s.dsn)
	if found == "" || found == s.driver || found == sqldsn.MySQL && s.driver == "mariadb" {
		return "; the driver was set by " + s.driverOrigin
	}
	return "; the driver was set by " + s.driverOrigin + ", and the DSN looks like one for " + found + ": correct one of them"
}

// configFile is the form of the file of --config.
type configFile struct {
	Driver string `yaml:"driver"`
	DSN    string `yaml:"dsn"`
	Table  string `yaml:"table"`
}

// findSource returns the first that is given of --dsn, the file of --config, the
// environment, the file of ACTIVITYLOG_CONFIG, the user's own file, and the collector's
// default. --driver and --table override what comes with it.
func (a *app) findSource() (source, error) {
	s, err := a.firstSource()
	if err != nil {
		return s, err
	}
	if a.flags.driver != "" {
		s.driver, s.driverOrigin = a.flags.driver, "--driver"
	}
	if a.flags.table != "" {
		s.table = a.flags.table
	}
	return s, nil
}

func (a *app) firstSource() (source, error) {
	switch {
	case a.flags.dsn != "":
		return source{dsn: a.flags.dsn, driver: a.env("ACTIVITYLOG_DRIVER"), driverOrigin: "ACTIVITYLOG_DRIVER", origin: "--dsn"}, nil
	case a.flags.config != "":
		return readConfig(a.flags.config)
	case a.env("ACTIVITYLOG_DSN") != "":
		return source{dsn: a.env("ACTIVITYLOG_DSN"), driver: a.env("ACTIVITYLOG_DRIVER"), driverOrigin: "ACTIVITYLOG_DRIVER", origin: "ACTIVITYLOG_DSN"}, nil
	case a.env("ACTIVITYLOG_CONFIG") != "":
		return readConfig(a.env("ACTIVITYLOG_CONFIG"))
	}
	if file := a.ownConfig(); file != "" {
		s, err := readConfig(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
	}
	return source{dsn: defaultDSN, origin: originDefault}, nil
}

// ownConfig is the name of the user's own file.
func (a *app) ownConfig() string {
	if folder := a.env("XDG_CONFIG_HOME"); folder != "" {
		return filepath.Join(folder, "activitylog", "config.yaml")
	}
	if home := a.env("HOME"); home != "" {
		return filepath.Join(home, ".config", "activitylog", "config.yaml")
	}
	return ""
}

// readConfig reads a file of YAML. No error has a value of the file, which may be a
// password.
func readConfig(name string) (source, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the user says which file
	if err != nil {
		return source{}, fmt.Errorf("read the configuration: %w", err)
	}
	var values map[string]string
	if err := yaml.Unmarshal(text, &values); err != nil { // not its text, which may have a value
		return source{}, fmt.Errorf(`the configuration %s must be lines of the form "dsn: …", with driver, dsn and table`, name)
	}
	var c configFile
	for key, value := range values {
		switch key {
		case "driver":
			c.Driver = value
		case "dsn":
			c.DSN = value
		case "table":
			c.Table = value
		default:
			return source{}, fmt.Errorf(`the configuration %s has %.64q; it can have "driver", "dsn" and "table"`, name, key)
		}
	}
	if strings.TrimSpace(c.DSN) == "" {
		return source{}, fmt.Errorf("the configuration %s must have a dsn", name)
	}
	return source{driver: c.Driver, dsn: c.DSN, table: c.Table, origin: name, driverOrigin: name}, nil
}
