package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A rule that nothing can break protects nothing: each of these imports must be
// found when it is added.
func TestForbiddenImportsAreFound(t *testing.T) {
	for _, tt := range []struct{ file, path, because string }{
		{"processor/activityprocessor/internal/record/a.go", rooms("preset")[0], "every other room of the processor stands on it"},
		{"processor/activityprocessor/internal/record/a_test.go", rooms("rule")[0], "every other room of the processor stands on it"},
		{"processor/activityprocessor/internal/preset/a.go", rooms("rule")[0], "whatever rule asks for it"},
		{"processor/activityprocessor/internal/rule/a.go", rooms("lookup")[0], "follows from the record alone"},
		{"processor/activityprocessor/internal/rule/a.go", module + "/" + processor, "no room imports the component"},
		{"processor/activityprocessor/internal/redact/a.go", rooms("rule")[0], aside},
		{"processor/activityprocessor/internal/redact/a.go", rooms("record")[0], aside},
		{"processor/activityprocessor/internal/lookup/a.go", rooms("redact")[0], aside},
		{"processor/activityprocessor/internal/join/a.go", rooms("declared")[0], readsRecords},
		{"processor/activityprocessor/internal/credential/a.go", rooms("join")[0], readsRecords},
		{"processor/activityprocessor/internal/nested/a.go", rooms("join")[0], readsRecords},
		{"processor/activityprocessor/internal/fold/a.go", rooms("join")[0], readsRecords},
		{"processor/activityprocessor/internal/declared/a.go", rooms("join")[0], aside},
		{"processor/activityprocessor/internal/limit/a.go", rooms("sender")[0], aside},
		{"processor/activityprocessor/internal/sender/a.go", rooms("limit")[0], aside},
		{"processor/activityprocessor/a.go", "testing/fstest", "no place in a program"},
		{"activity/a.go", "testing", "no place in a program"},
		{exporter + "/internal/queue/a.go", "testing/fstest", "no place in a program"},
		{exporter + "/internal/convert/a.go", table + "/store", "knows no SQL"},
		{"internal/table/dialect/a.go", "context", "text and facts"},
		{"internal/table/dialect/a.go", "database/sql", "text and facts"},
		{"internal/table/dialect/a.go", "database/sql/driver", "text and facts"},
		{"internal/table/bulk/a.go", table + "/store", "the transactions that it is given"},
		{"internal/table/row/a.go", "database/sql", "wherever it comes from"},
		{"internal/table/store/a_test.go", "go.opentelemetry.io/collector/pdata/plog", "which has no Collector"},
		{"internal/plain/a.go", "golang.org/x/exp/maps", "it must bring no module with it"},
		{"instrument/a.go", "google.golang.org/protobuf/proto", "must not get it"},
		{"activity/a.go", "go.opentelemetry.io/otel", "whose OpenTelemetry versions differ"},
		{"instrument/spool/a.go", "database/sql", "only the outbox writes"},
		{"instrument/outbox/a.go", "github.com/jackc/pgx/v5", "a database driver"},
		{"instrument/outbox/a_test.go", "modernc.org/sqlite", "a database driver"},
		{"instrument/a.go", "go.opentelemetry.io/otel/sdk/log", "a library uses the OpenTelemetry API"},
		{"processor/a.go", module + "/exporter/activitylogexporter", "the components meet in attribute names alone"},
	} {
		t.Run(tt.file+" "+tt.path, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, tt.file, tt.path)
			faults := strings.Join(check(t, root, within(rules, tt.file)), "\n")
			if !strings.Contains(faults, "imports "+tt.path+", ") || !strings.Contains(faults, tt.because) {
				t.Errorf("got %q, want a fault about %s with the reason %q", faults, tt.path, tt.because)
			}
		})
	}
}

// What is allowed is not a fault, and a rule whose folder has no file is one.
func TestWhatIsNoFault(t *testing.T) {
	root := t.TempDir()
	write(t, root, "processor/activityprocessor/internal/rule/a.go", rooms("preset")[0])
	write(t, root, "processor/activityprocessor/internal/rule/a_test.go", "testing")
	write(t, root, "processor/activityprocessor/internal/ruletest/a.go", "testing")
	if faults := check(t, root, within(rules, "processor/activityprocessor/internal/rule/a.go")); len(faults) > 0 {
		t.Errorf("got %q, want none", faults)
	}
	folder := filepath.Join(root, "empty")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if faults := check(t, root, []rule{{folder: "empty"}}); len(faults) != 1 {
		t.Errorf("got %q, want a fault about a rule without files", faults)
	}
}

// within are the rules for a file.
func within(rules []rule, file string) (list []rule) {
	for _, r := range rules {
		if r.folder == "." || strings.HasPrefix(file, r.folder+"/") {
			list = append(list, r)
		}
	}
	return list
}

// write writes a file that imports path.
func write(t *testing.T, root, file, path string) {
	t.Helper()
	name := filepath.Join(root, file)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, fmt.Appendf(nil, "package a\n\nimport _ %q\n", path), 0o600); err != nil {
		t.Fatal(err)
	}
}
