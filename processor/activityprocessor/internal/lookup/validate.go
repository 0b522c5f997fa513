package lookup

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Configs is a list of lookups with different names.
type Configs []Config

// Validate implements [confmap.Validator].
func (c Configs) Validate() error {
	first := map[confcheck.Name]int{}
	for i := range c {
		name := c[i].Name
		if at, known := first[name]; known && name != "" {
			return fmt.Errorf("must have a different name in each entry; entries %d and %d are both %q", at, i, string(name))
		}
		first[name] = i
	}
	return nil
}

// FindsUsers returns an error unless there is a lookup of that name that finds the user of
// one key.
func (c Configs) FindsUsers(name confcheck.Name) error {
	names := make([]confcheck.Name, len(c))
	for i := range c {
		one := &c[i]
		if names[i] = one.Name; one.Name != name {
			continue
		}
		switch {
		case len(one.Key) != 1:
			return fmt.Errorf("must be a lookup with one key; %q has %d", string(name), len(one.Key))
		case one.Set["user.id"] == "" && one.Set[activity.ActorIDKey] == "":
			return fmt.Errorf("must be a lookup that sets user.id or %s; %q does not", activity.ActorIDKey, string(name))
		}
		return nil
	}
	if len(c) == 0 {
		return fmt.Errorf("must be the name of one of lookups, which is empty; got %q", string(name))
	}
	return confcheck.OneOf(name, names...)
}

// Key is a list of at least one attribute.
type Key []string

// Validate implements [confmap.Validator].
func (k Key) Validate() error {
	if len(k) == 0 || slices.Contains(k, "") {
		return errors.New("must be an attribute, such as activity.actor.id, or a list of attributes")
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (k *Key) UnmarshalText(text []byte) error { return (*confcheck.Texts)(k).UnmarshalText(text) }

// Columns has the columns of attributes.
type Columns map[string]string

// Validate implements [confmap.Validator].
func (c Columns) Validate() error {
	if len(c) == 0 {
		return errors.New("must have an attribute and its column, such as activity.actor.name: name")
	}
	for _, attribute := range slices.Sorted(maps.Keys(c)) {
		if attribute == "" || c[attribute] == "" {
			return fmt.Errorf("must have an attribute and a column in each entry; got %q: %q", attribute, c[attribute])
		}
	}
	return nil
}

// Validate implements [confmap.Validator]. It checks what depends on several fields;
// the types of the fields check the rest.
func (c *Config) Validate() error {
	var err error
	switch {
	case c.File != nil && c.SQL != nil:
		err = errors.New("file and sql are mutually exclusive")
	case c.File == nil && c.SQL == nil:
		err = errors.New("file or sql must be set")
	case c.Key.Validate() != nil: // what follows depends on it
	case c.File != nil && len(c.File.KeyColumns) != len(c.Key):
		err = fmt.Errorf("file must have as many key_columns as key has attributes, %d; got %d", len(c.Key), len(c.File.KeyColumns))
	case c.SQL != nil && c.SQL.Driver.Validate() == nil && c.SQL.Query.Validate() == nil:
		if n := placeholders(string(c.SQL.Driver), string(c.SQL.Query)); n != len(c.Key) {
			err = fmt.Errorf("sql must have as many placeholders (%s) in its query as key has attributes, %d; got %d",
				placeholder(string(c.SQL.Driver)), len(c.Key), n)
		}
	}
	return confcheck.Line(c.problems.Err(), err)
}

// Format is the format of a file, or empty.
type Format string

// Formats of a file.
const (
	formatCSV   Format = "csv"
	formatJSON  Format = "json"
	formatJSONL Format = "jsonl"

	formatNDJSON Format = "ndjson" // another name of jsonl
)

// Validate implements [confmap.Validator].
func (f Format) Validate() error {
	if f == "" || f == formatNDJSON {
		return nil
	}
	return confcheck.OneOf(f, formatCSV, formatJSON, formatJSONL)
}

// MaxBytes is the size of a file.
type MaxBytes int64

// Validate implements [confmap.Validator].
func (m MaxBytes) Validate() error { return confcheck.Between(m, 1, maxTableBytes) }

// Validate implements [confmap.Validator].
func (c *FileConfig) Validate() error {
	var err error
	if c.format() == "" && c.Format == "" && c.Path != "" {
		err = errors.New(`format must be set, because path does not end in csv, json or jsonl`)
	}
	return confcheck.Line(c.problems.Err(), err)
}

// format returns the format of the file, or "".
func (c *FileConfig) format() Format {
	f := c.Format
	if f == "" {
		f = Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(string(c.Path))), "."))
	}
	switch f {
	case formatCSV, formatJSON, formatJSONL:
		return f
	case formatNDJSON:
		return formatJSONL
	}
	return ""
}

// Driver is the name of a kind of database.
type Driver string

// Validate implements [confmap.Validator].
func (d Driver) Validate() error { return confcheck.OneOf(string(d), drivers()...) }

// Validate implements [confmap.Validator].
func (c *SQLConfig) Validate() error {
	var err error
	if c.Driver.Validate() == nil {
		if _, err = connect(c); err != nil {
			err = fmt.Errorf("dsn %w", err)
		}
	}
	return confcheck.Line(c.problems.Err(), err)
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *CacheConfig) Validate() error { return c.problems.Err() }

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
