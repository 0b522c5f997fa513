// Package archtest checks who may import whom. Each rule has its reason.
package archtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/otelactivity/activitylog"
)

// rule forbids imports, by prefix, to the files below a folder.
type rule struct {
	folder  string
	tests   bool   // the rule holds for tests as well
	except  string // parts of paths of files that it does not hold for, with | between them
	forbids func(path string) bool
	because string
}

func (r rule) excepts(file string) bool {
	for part := range strings.SplitSeq(r.except, "|") {
		if part != "" && strings.Contains(file, part) {
			return true
		}
	}
	return false
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func anyOf(prefixes ...string) func(string) bool {
	return func(path string) bool {
		for _, prefix := range prefixes {
			if path == prefix || strings.HasPrefix(path, prefix+"/") {
				return true
			}
		}
		return false
	}
}

const (
	exporter = "exporter/activitylogexporter"
	table    = module + "/internal/table"
)

var rules = []rule{
	{folder: "activity", forbids: func(path string) bool {
		return !standard(path) && path != module+"/activity" && path != module+"/activity/route"
	},
		because: "service side and collector side, whose OpenTelemetry versions differ, share it"},
	{folder: "internal/seglog", tests: true, forbids: func(path string) bool {
		return !standard(path) && path != module+"/internal/seglog/seglogtest"
	},
		because: "the service's spool and the collector's queue, whose OpenTelemetry versions differ, share it"},
	{folder: "internal/plain", tests: true, forbids: func(path string) bool { return !standard(path) && path != module+"/activity" },
		because: "services get it with package instrument, and it must bring no module with it"},
	{folder: "internal/shared", tests: true, forbids: func(path string) bool { return !standard(path) },
		because: "it is about instances, whatever component they are of"},
	{folder: "internal/identity", forbids: anyOf(module+"/exporter", module+"/processor", module+"/connector", module+"/instrument", "database/sql"),
		because: "processor, connector and exporter share it"},
	{folder: "instrument", tests: true, forbids: anyOf("go.opentelemetry.io/collector", module+"/internal/identity", module+"/exporter", module+"/processor", module+"/connector"),
		because: "a service must not get the Collector into its module graph"},
	{folder: "instrument", tests: true, except: "/instrument/outbox/", forbids: anyOf("database/sql"),
		because: "only the outbox writes to the database of a service"},
	{folder: "instrument", tests: true, except: "/internal/outboxtest/", forbids: anyOf("github.com/jackc", "github.com/go-sql-driver", "modernc.org"),
		because: "a service must not get a database driver into its module graph, or another version of its own"},
	{folder: "instrument", except: "/instrument/spool/|/instrument/setup/|/instrument/outbox/|test/", forbids: anyOf("go.opentelemetry.io/otel/sdk"),
		because: "a library uses the OpenTelemetry API; which SDK is for the service to say"},
	{folder: "instrument", except: "/instrument/spool/|/instrument/setup/|/instrument/protodiff/", tests: true, forbids: anyOf("google.golang.org/protobuf"),
		because: "a service that has no protobuf must not get it"},
	{folder: "processor", tests: true, forbids: anyOf(module+"/exporter", module+"/connector", module+"/instrument"),
		because: "the components meet in attribute names alone"},
	{folder: "extension", tests: true, forbids: anyOf(module+"/exporter", module+"/processor", module+"/connector", module+"/instrument", module+"/internal/identity", "database/sql"),
		because: "the guard looks at bytes, and is of use in front of any pipeline"},
	{folder: "extension/activityguardextension/internal/wire", forbids: anyOf("go.opentelemetry.io"),
		because: "what counts before decoding must not decode"},
	{folder: "connector", tests: true, forbids: anyOf(module+"/exporter", module+"/processor", module+"/instrument", "database/sql"),
		because: "the components meet in attribute names alone"},
	// fuzztest feeds one component what comes out of the other.
	{folder: "exporter", tests: true, except: "/internal/fuzztest/", forbids: anyOf(module+"/processor", module+"/connector", module+"/instrument"),
		because: "the components meet in attribute names alone"},
	{folder: exporter + "/internal/convert", forbids: anyOf("database/sql", table+"/dialect", table+"/store"),
		because: "conversion of telemetry is pure, and knows no SQL"},
	{folder: "internal/table", tests: true, forbids: anyOf("go.opentelemetry.io", "github.com/open-telemetry", module+"/exporter", module+"/processor", module+"/connector", module+"/extension", module+"/instrument", module+"/reader", module+"/internal/identity"),
		because: "the exporter and the command, which has no Collector, share it"},
	{folder: "internal/table/row", forbids: func(path string) bool { return !standard(path) && path != module+"/activity" || path == "database/sql" },
		because: "a row is text, wherever it comes from and goes to"},
	{folder: "internal/table/dialect", forbids: anyOf("database/sql", "context", table+"/bulk", table+"/store"),
		because: "a dialect is text and facts, and does no I/O"},
	{folder: "internal/table/store", tests: true, forbids: anyOf(table + "/operate"),
		because: "the exporter gets it, and what only an operator does is of no use there"},
	{folder: exporter, tests: true, forbids: anyOf(table + "/operate"),
		because: "what only an operator does is of no use in a collector"},
	{folder: "internal/table/bulk", forbids: anyOf(table + "/store"),
		because: "it moves rows in the transactions that it is given"},
	{folder: exporter + "/internal/queue", tests: true, forbids: anyOf("database/sql", table+"/dialect", table+"/store"),
		because: "the queue hands rows to whatever takes them, and knows no database"},
	{folder: "reader", tests: true, forbids: anyOf("go.opentelemetry.io", "github.com/open-telemetry", module+"/exporter", module+"/processor", module+"/connector", module+"/extension", module+"/instrument", module+"/internal/identity"),
		because: "whoever reads rows needs no telemetry, and no Collector"},
	{folder: "reader", tests: true, except: "/reader/drivers/|/reader/web/internal/webtest/", forbids: func(path string) bool {
		return !standard(path) && path != module+"/activity" && !anyOf(module+"/reader")(path) || path == module+"/reader/drivers"
	},
		because: "a service that embeds it must not get a database driver into its module graph, or another version of its own"},
	{folder: "cmd", tests: true, forbids: anyOf("go.opentelemetry.io/collector", "github.com/open-telemetry", module+"/exporter", module+"/processor", module+"/connector", module+"/extension", module+"/internal/identity"),
		because: "the command reads rows, and relays an outbox by the SDK: it needs no Collector"},
	{folder: "reader/internal/dialect", forbids: func(path string) bool { return !standard(path) || path == "database/sql" || path == "context" },
		because: "a dialect is text and facts, and does no I/O"},
	{folder: "internal/vocabulary", forbids: func(path string) bool {
		return !standard(path) && path != module+"/internal/vocabulary" && path != "go.yaml.in/yaml/v3"
	},
		because: "it makes a page; only its tests know what they compare the registry with"},
	{folder: "dashboards", tests: true, forbids: anyOf("go.opentelemetry.io", "database/sql", module+"/exporter", module+"/processor", module+"/instrument"),
		because: "they are text about the schema; dashboardtest runs them on databases"},
	{folder: ".", tests: true, forbids: func(path string) bool {
		return anyOf(module + "/examples")(path)
	}, because: "nobody imports the examples"},

	// The processor: component → rule → preset → record → activity.
	{folder: processor + "/internal/record", tests: true, forbids: anyOf(rooms("preset", "rule", "redact", "lookup", "join", "credential", "nested", "fold", "declared", "limit", "sender")...),
		because: "it reads and writes records, and every other room of the processor stands on it"},
	{folder: processor + "/internal/preset", tests: true, forbids: anyOf(rooms("rule", "redact", "lookup", "join", "credential", "nested", "fold", "declared", "limit", "sender")...),
		because: "a preset derives an activity from a record, whatever rule asks for it"},
	{folder: processor + "/internal/rule", tests: true, forbids: anyOf(rooms("redact", "lookup", "join", "credential", "nested", "fold", "declared", "limit", "sender")...),
		because: "what a rule does follows from the record alone; the component does the rest"},
	{folder: processor + "/internal/redact", tests: true, forbids: anyOf(roomsBut("redact")...), because: aside},
	{folder: processor + "/internal/lookup", tests: true, forbids: anyOf(roomsBut("lookup")...), because: aside},
	{folder: processor + "/internal/join", tests: true, forbids: anyOf(rooms("preset", "rule", "redact", "lookup", "credential", "nested", "fold", "declared", "limit", "sender")...),
		because: readsRecords},
	{folder: processor + "/internal/credential", tests: true, forbids: anyOf(rooms("preset", "rule", "redact", "lookup", "join", "nested", "fold", "declared", "limit", "sender")...),
		because: readsRecords},
	{folder: processor + "/internal/nested", tests: true, forbids: anyOf(rooms("preset", "rule", "redact", "lookup", "join", "credential", "fold", "declared", "limit", "sender")...),
		because: readsRecords},
	{folder: processor + "/internal/fold", tests: true, forbids: anyOf(rooms("preset", "rule", "redact", "lookup", "join", "credential", "nested", "declared", "limit", "sender")...),
		because: readsRecords},
	{folder: processor + "/internal/declared", tests: true, forbids: anyOf(roomsBut("declared")...), because: aside},
	{folder: processor + "/internal/limit", tests: true, forbids: anyOf(roomsBut("limit")...), because: aside},
	{folder: processor + "/internal/sender", tests: true, forbids: anyOf(roomsBut("sender")...), because: aside},
	{folder: processor + "/internal", tests: true, forbids: func(path string) bool { return path == module+"/"+processor },
		because: "the component imports its rooms; no room imports the component"},

	{folder: ".", except: "test/|internal/testserver/testserver.go|/e2e/|/examples/internal/", forbids: anyOf("testing"),
		because: "what is for tests has no place in a program"},
}

const (
	processor    = "processor/activityprocessor"
	readsRecords = "it reads records, and does one thing to them, whatever the other rooms of the processor do"
	aside        = "it does one thing to records, whatever the other rooms of the processor do"
)

// rooms are the import paths of packages of the processor.
func rooms(names ...string) []string {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = module + "/" + processor + "/internal/" + name
	}
	return paths
}

// roomsBut are the import paths of all packages of the processor except one.
func roomsBut(name string) []string {
	all := []string{"record", "preset", "rule", "redact", "lookup", "join", "credential", "nested", "fold", "declared", "limit", "sender"}
	return rooms(slices.DeleteFunc(all, func(other string) bool { return other == name })...)
}

func TestImports(t *testing.T) {
	for _, fault := range check(t, root, rules) {
		t.Error(fault)
	}
}

// check returns what is wrong with the imports below a folder: each import that a
// rule forbids, and each rule that holds for no file.
func check(t *testing.T, root string, rules []rule) (faults []string) {
	t.Helper()
	for _, r := range rules {
		files := 0
		walk(t, filepath.Join(root, r.folder), func(file string, imports []string) {
			if strings.HasSuffix(file, "_test.go") && !r.tests || r.folder == "." && r.tests && strings.Contains(file, "/examples/") ||
				r.excepts(file) {
				return
			}
			files++
			for _, path := range imports {
				if r.forbids(path) {
					faults = append(faults, fmt.Sprintf("%s imports %s, which files in %s must not: %s", file, path, r.folder, r.because))
				}
			}
		})
		if files == 0 {
			faults = append(faults, fmt.Sprintf("the rule for %s found no file", r.folder))
		}
	}
	return faults
}

// TestOnlyTheStoreOpensDatabases looks at the exporter and at module internal/table,
// without test harnesses. Packages bulk and operate may use a connection or a transaction
// that they are given.
func TestOnlyTheStoreOpensDatabases(t *testing.T) {
	for _, folder := range []string{exporter, "internal/table"} {
		onlyTheStoreOpens(t, folder)
	}
}

func onlyTheStoreOpens(t *testing.T, folder string) {
	t.Helper()
	walk(t, filepath.Join(root, folder), func(file string, imports []string) {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "test/") || strings.Contains(file, "/examples/") {
			return
		}
		folder := filepath.Base(filepath.Dir(file))
		for _, path := range imports {
			if path == "database/sql" && folder != "store" && folder != "bulk" && folder != "operate" {
				t.Errorf("%s imports database/sql; only store, bulk and operate do", file)
			}
		}
		text, err := os.ReadFile(file)
		for _, call := range []string{"sql.Open", "clickhouse.Open(", ".BeginTx(", ".Commit()", ".Rollback()"} {
			if err != nil || folder != "store" && strings.Contains(string(text), call) {
				t.Errorf("%s has %s (%v); only package store opens databases and has transactions", file, call, err)
			}
		}
	})
}

// TestServiceModulesHaveNoCollector reads what a service would get.
func TestServiceModulesHaveNoCollector(t *testing.T) {
	for _, mod := range []string{"go.mod", "instrument/go.mod", "instrument/spool/go.mod", "instrument/setup/go.mod", "instrument/protodiff/go.mod", "instrument/outbox/go.mod", "reader/go.mod"} {
		text, err := os.ReadFile(filepath.Join(root, mod))
		if err != nil {
			t.Fatal(err)
		}
		for _, forbidden := range []string{"go.opentelemetry.io/collector", "modernc.org", "jackc/pgx", "go-sql-driver"} {
			if strings.Contains(string(text), forbidden) {
				t.Errorf("%s requires %s", mod, forbidden)
			}
		}
	}
	for mod, allowed := range map[string][]string{
		"reader/go.mod": nil,
		// The API for traces, which clickhouse-go imports in every release of version 2.
		"reader/drivers/go.mod": {"go.opentelemetry.io/otel", "go.opentelemetry.io/otel/trace"},
	} {
		text, err := os.ReadFile(filepath.Join(root, mod))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Fields(string(text)) {
			if strings.Contains(word, "telemetry") && !slices.Contains(allowed, word) {
				t.Errorf("%s requires %s; whoever reads rows needs no telemetry", mod, word)
			}
		}
	}
	// The command has a relay, which sends by OTLP, but no Collector.
	if text, err := os.ReadFile(filepath.Join(root, "cmd/activitylog/go.mod")); err != nil || strings.Contains(string(text), "go.opentelemetry.io/collector") {
		t.Errorf("cmd/activitylog/go.mod requires the Collector (%v)", err)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "go.mod")); strings.Contains(string(text), "require") {
		t.Error("the root module has requirements; it is to have none")
	}
}

func walk(t *testing.T, folder string, visit func(file string, imports []string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "bin" || entry.Name() == "node_modules") {
			return filepath.SkipDir // what was built and installed, which is not ours
		}
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".go" {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, path)
		}
		visit(filepath.ToSlash(file), imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
