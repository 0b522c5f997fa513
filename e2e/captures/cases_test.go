package captures_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestCases sends single requests of public bug reports. cases.tsv says how many rows of
// the service there must be, and what each of them must satisfy. Those about the encoding of
// a PostgreSQL database are among the tests of the dialects.
func TestCases(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	cases := readCases(t)
	for _, one := range cases {
		request, err := os.ReadFile(filepath.Join("testdata/cases", one.file))
		if err != nil {
			t.Fatal(err)
		}
		post(t, c, one.signal, request)
	}
	time.Sleep(time.Second)
	c.Stop()
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	validate(t, db)
	for _, one := range cases {
		t.Run(one.file, func(t *testing.T) {
			var all, good int
			query := "SELECT count(*), coalesce(sum(" + one.condition + "), 0) FROM activity_log WHERE service_name = ?"
			if err := db.QueryRowContext(t.Context(), query, one.service).Scan(&all, &good); err != nil {
				t.Fatal(err)
			}
			if all != one.rows || good != all {
				t.Errorf("%d rows, of which %d satisfy %s; want %d", all, good, one.condition, one.rows)
			}
		})
	}
}

// bugReport is one line of cases.tsv.
type bugReport struct {
	file, signal, service string
	rows                  int
	condition             string
}

func readCases(t *testing.T) (cases []bugReport) {
	t.Helper()
	text, err := os.ReadFile("testdata/cases/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 5 || c[0] == "file" {
			continue
		}
		n, err := strconv.Atoi(c[3])
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, bugReport{c[0], c[1], c[2], n, c[4]})
	}
	if len(cases) < 17 {
		t.Fatalf("there are %d cases, want 17 or more", len(cases))
	}
	return cases
}
