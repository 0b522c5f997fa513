package operate_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// noted is what a note says that was done to an index.
var noted = regexp.MustCompile(`^The index ([a-z0-9_]+) was (made|dropped)`)

// applyAsPlanned applies the schema, checks that it does what the plan says, and nothing
// else, and returns the plan's steps for indexes.
func applyAsPlanned(t *testing.T, db *database, partition, late string) []string {
	t.Helper()
	var made, planned []string
	cfg := db.config()
	cfg.Partition, cfg.LateIndexes = partition, late
	cfg.Note = func(text string) {
		if found := noted.FindStringSubmatch(text); found != nil {
			made = append(made, strings.NewReplacer("made", "make", "dropped", "drop").Replace(found[2])+" the index "+found[1])
		}
	}
	table := db.open(t, cfg)
	plan, err := table.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := table.Plan(t.Context()); err != nil || len(again.Partitions) != len(plan.Partitions) || !slices.Equal(again.Indexes, plan.Indexes) {
		t.Errorf("the plan changed something: %+v, then %+v, %v", plan, again, err)
	}
	done, err := table.Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range plan.Indexes {
		if what, _, _ := strings.Cut(do, ","); !strings.HasSuffix(what, "of the partitions") && (strings.HasPrefix(what, "make") || strings.HasPrefix(what, "drop")) {
			planned = append(planned, what)
		}
	}
	for _, list := range [][]string{made, planned, plan.Partitions, done.Partitions} {
		slices.Sort(list)
	}
	if len(done.Migrations) != len(plan.Migrations) || !slices.Equal(done.Partitions, plan.Partitions) || !slices.Equal(made, planned) {
		t.Errorf("planned %+v; done %+v, and %q", plan, done, made)
	}
	if done.Indexes != (len(plan.Indexes) > 0) && len(plan.Partitions) == 0 {
		t.Errorf("planned %q; indexes changed: %v", plan.Indexes, done.Indexes)
	}
	if left, err := db.open(t, cfg).Plan(t.Context()); err != nil || len(left.Migrations)+len(left.Partitions)+len(left.Indexes) > 0 {
		t.Errorf("after it there is more to do: %+v, %v", left, err)
	}
	return plan.Indexes
}

// TestPlan checks that a dry run says what the run does to partitions and indexes.
func TestPlan(t *testing.T) {
	server := postgresServer(t, dialect.PartitionMonth)
	for _, partition := range []string{"month", "day"} {
		t.Run(partition, func(t *testing.T) {
			db := server.open(t)
			if do := applyAsPlanned(t, db, partition, ""); len(do) > 0 {
				t.Errorf("indexes of a table without late indexes: %q", do)
			}
			last := dialect.Partition(partition).Add(time.Now(), -1).Format("activity_log_p20060102")
			want := []string{
				"make the index " + last + "_actor", "make the index " + last + "_trace",
				"make the index activity_log_default_actor", "make the index activity_log_default_trace",
				"drop the index activity_log_actor_idx, whose place late indexes take",
				"drop the index activity_log_trace_idx, whose place late indexes take",
			}
			if do := applyAsPlanned(t, db, "", "on"); !slices.Equal(do, want) {
				t.Errorf("on: got %q, want %q", do, want)
			}
			execute(t, "pgx", db.dsn, "DROP INDEX "+last+"_actor")
			if do := applyAsPlanned(t, db, "", ""); !slices.Equal(do, want[:1]) {
				t.Errorf("one is missing: got %q", do)
			}
			execute(t, "pgx", db.dsn, "DROP TABLE "+last)
			if do := applyAsPlanned(t, db, "", ""); !slices.Equal(do, want[:2]) {
				t.Errorf("a partition is missing: got %q", do)
			}
			do := applyAsPlanned(t, db, "", "off")
			for _, step := range []string{"make the index activity_log_actor_idx from those of the partitions", "add the index " + last + "_trace to that of the table"} {
				if !slices.Contains(do, step) {
					t.Errorf("off: got %q, want %q", do, step)
				}
			}
		})
	}
	late := server.open(t)
	last := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
	if do := applyAsPlanned(t, late, "month", "on"); !slices.Equal(do, []string{"make the index " + last + "_actor", "make the index " + last + "_trace"}) {
		t.Errorf("a new table with late indexes: got %q", do)
	}
	execute(t, "pgx", late.dsn, `CREATE INDEX activity_log_actor_idx ON activity_log (actor_id, action_time)`)
	if do := applyAsPlanned(t, late, "", "off"); !slices.Contains(do, "rename the index "+last+"_actor to "+last+"_actor2") {
		t.Errorf("off, after SQL: got %q", do)
	}
}

// A dry run refuses what the run refuses.
func TestPlanOfAnotherKindOfTable(t *testing.T) {
	server := postgresServer(t, dialect.PartitionNone)
	db := server.open(t)
	db.exporter(t, makeRows(1)...)
	cfg := db.config()
	cfg.Partition = "month"
	_, applied := db.open(t, cfg).Apply(t.Context())
	_, planned := db.open(t, cfg).Plan(t.Context())
	for _, err := range []error{applied, planned} {
		if err == nil || !strings.Contains(err.Error(), "the table activity_log has no partitions, and they cannot be added") {
			t.Errorf("got %v, want an error that the table has no partitions", err)
		}
	}
	cfg.Partition = "none"
	if plan, err := db.open(t, cfg).Plan(t.Context()); err != nil || len(plan.Partitions)+len(plan.Indexes) > 0 {
		t.Errorf("without partitions: got %+v, %v", plan, err)
	}
}
