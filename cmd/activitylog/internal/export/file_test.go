package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"github.com/otelactivity/activitylog/reader"
)

// content returns what a file has, uncompressed. Of Parquet it is a line for each row.
func content(t *testing.T, name string, o Options) string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var in io.Reader = file
	switch {
	case o.Format == Parquet:
		return parquetLines(t, file)
	case o.Compression == Gzip:
		in, err = gzip.NewReader(file)
	case o.Compression == Zstd:
		in, err = zstd.NewReader(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parquetLines reads all row groups of a file.
func parquetLines(t *testing.T, file *os.File) string {
	t.Helper()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	n := int64(0)
	for _, group := range opened.RowGroups() {
		rows := group.Rows()
		buffer := make([]parquet.Row, 100)
		for {
			got, err := rows.ReadRows(buffer)
			for _, row := range buffer[:got] {
				n++
				for _, v := range row {
					fmt.Fprintf(&b, "%q|", v.String())
				}
				b.WriteByte('\n')
			}
			if err != nil {
				break
			}
		}
		_ = rows.Close()
	}
	for i, group := range opened.Metadata().RowGroups { // what other readers look at
		if int(group.Ordinal) != i {
			t.Errorf("row group %d is called %d", i, group.Ordinal)
		}
		for j, c := range group.Columns {
			if name := opened.Schema().Columns()[j][0]; len(c.MetaData.PathInSchema) != 1 || c.MetaData.PathInSchema[0] != name {
				t.Errorf("row group %d: column %d is %q, want %s", i, j, c.MetaData.PathInSchema, name)
			}
		}
	}
	if n != opened.NumRows() {
		t.Errorf("%d rows, of which the footer says %d", n, opened.NumRows())
	}
	return b.String()
}

// kinds are the kinds of files, by their names.
var kinds = map[string]Options{
	"a.csv": {Format: CSV}, "a.csv.gz": {Format: CSV, Compression: Gzip}, "a.csv.zst": {Format: CSV, Compression: Zstd, Columns: []string{"event_id"}},
	"a.jsonl": {Format: JSONL}, "a.jsonl.gz": {Format: JSONL, Compression: Gzip}, "a.parquet": {Format: Parquet}, "b.parquet": {Format: Parquet, Columns: []string{"recorded_at", "actor_id"}},
}

// TestResume: however often an export is interrupted, and wherever, the file is what it
// would have been.
func TestResume(t *testing.T) {
	all := rows(700)
	for name, o := range kinds {
		t.Run(name, func(t *testing.T) {
			whole := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(whole, write(t, o, all), 0o600); err != nil {
				t.Fatal(err)
			}
			want := content(t, whole, o)
			for seed := range uint64(12) {
				file := filepath.Join(t.TempDir(), name)
				interrupt(t, file, o, all, rand.New(rand.NewPCG(seed, 1)))
				if got := content(t, file, o); got != want {
					t.Fatalf("seed %d: %d bytes, want %d", seed, len(got), len(want))
				}
				if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
					t.Errorf("seed %d: left are %v", seed, left)
				}
			}
		})
	}
}

// interrupt exports rows, with some saved states and crashes on the way.
func interrupt(t *testing.T, name string, o Options, all []reader.Row, rng *rand.Rand) {
	t.Helper()
	query := map[string]string{"since": "2h"}
	for tries := 0; ; tries++ {
		file, err := Resume(name, o, query)
		if errors.Is(err, fs.ErrNotExist) {
			file, err = Create(name, o, query, nil, Interrupted)
		}
		if err != nil {
			t.Fatal(err)
		}
		crash := rng.IntN(len(all)) + tries*20 // it ends
		for i := int(file.Rows()); i < len(all); i++ {
			row := all[i]
			if err := file.Write(&row); err != nil {
				t.Fatal(err)
			}
			if rng.IntN(60) == 0 {
				if err := file.Save(row.Cursor(reader.OldestFirst)); err != nil {
					t.Fatal(err)
				}
				if got := file.State(); got.Rows != int64(i+1) || got.Cursor != row.Cursor(reader.OldestFirst) {
					t.Fatalf("got %+v", got)
				}
			}
			if rng.IntN(90) == 0 {
				_ = file.Flush() // so that there is more in the file than was saved
			}
			if i == crash {
				break
			}
		}
		if crash >= len(all) {
			if err := file.Finish(); err != nil {
				t.Fatal(err)
			}
			return
		}
		_, _ = file.file.WriteString("what was written last, or not at all")
		_ = file.file.Close() // as the end of the process
	}
}

// TestNoRows: a file without rows is a file.
func TestNoRows(t *testing.T) {
	for name, o := range kinds {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, write(t, o, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		want := ""
		if o.Format == CSV {
			want = strings.Join(o.columns(), ",") + "\n"
		}
		if got := content(t, file, o); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestSegments: a file with several segments is read like one.
func TestSegments(t *testing.T) {
	all := make([]reader.Row, 0, 2*segmentRows+10)
	for len(all) < cap(all) {
		all = append(all, rows(7)...)
	}
	name := filepath.Join(t.TempDir(), "a.parquet")
	o := Options{Format: Parquet, Columns: []string{"event_id", "action_time", "actor_id", "data"}}
	if err := os.WriteFile(name, write(t, o, all), 0o600); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(content(t, name, o), "\n"), "\n")
	if len(got) != len(all) {
		t.Fatalf("got %d rows, want %d", len(got), len(all))
	}
	for _, i := range []int{0, segmentRows - 1, segmentRows, len(all) - 1} {
		actor := all[i].ActorID
		if actor == "" {
			actor = "<null>"
		}
		if want := fmt.Sprintf("%q|\"%d\"|%q|%q|", all[i].EventID.String(), all[i].ActionTime.UnixMicro(), actor, string(all[i].Data)); got[i] != want {
			t.Errorf("row %d: got %s, want %s", i, got[i], want)
		}
	}
}

func TestCreate(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.csv")
	o := Options{Format: CSV, Columns: []string{"actor_id"}}
	query := map[string]string{"actor": "42"}
	file, err := Create(name, o, query, nil, Nothing)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(name, o, query, nil, Everything); !errors.Is(err, ErrInUse) {
		t.Errorf("a file that is in use: got %v", err)
	}
	if err := errors.Join(file.Close(), file.Close()); err == nil {
		t.Error("closed twice: no error")
	}
	if exists(name + ".part") {
		t.Error("a file that was never saved stays")
	}
	if file, err = Create(name, o, query, nil, Nothing); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Write(&reader.Row{ActorID: "a"}), file.Save("c"), file.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(name, o, query, nil, Nothing); !errors.Is(err, ErrInterrupted) {
		t.Errorf("a file that was interrupted: got %v", err)
	}
	if _, err := Resume(name, o, map[string]string{"since": "2h"}); !errors.Is(err, ErrOther) ||
		!strings.Contains(err.Error(), `--actor was "42" and is ""`) || !strings.Contains(err.Error(), `--since was "" and is "2h"`) {
		t.Errorf("another query: got %v", err)
	}
	if _, err := Resume(name, Options{Format: JSONL, Columns: o.Columns}, query); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), `format was "csv" and is "jsonl"`) {
		t.Errorf("another format: got %v", err)
	}
	if file, err = Create(name, o, query, nil, Everything); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Write(&reader.Row{ActorID: "b"}), file.Finish(), file.Close()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, name, o); got != "actor_id\nb\n" {
		t.Errorf("got %q", got)
	}
	if _, err := Create(name, o, query, nil, Nothing); !errors.Is(err, ErrExists) {
		t.Errorf("a file that exists: got %v", err)
	}
	if _, err := Create(filepath.Join(name, "no folder"), o, query, nil, Nothing); err == nil {
		t.Error("no folder: no error")
	}
}

// TestResumeDamaged: what is not as it was left is an error.
func TestResumeDamaged(t *testing.T) {
	o := Options{Format: CSV}
	for name, damage := range map[string]func(string) error{
		"it was saved": func(file string) error { return os.Truncate(file+".part", 3) },
		"begin anew":   func(file string) error { return os.WriteFile(file+".state", []byte("{"), 0o600) },
		"this release": func(file string) error { return os.WriteFile(file+".state", []byte(`{"version":9}`), 0o600) },
		"go on with":   func(file string) error { return os.Remove(file + ".part") },
	} {
		file := filepath.Join(t.TempDir(), "a.csv")
		f, err := Create(file, o, nil, nil, Nothing)
		if err != nil {
			t.Fatal(err)
		}
		row := rows(1)[0]
		if err := errors.Join(f.Write(&row), f.Save("c"), f.Close(), damage(file)); err != nil {
			t.Fatal(err)
		}
		if _, err := Resume(file, o, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestFinished: an interruption right before the file gets its name.
func TestFinished(t *testing.T) {
	for name, o := range kinds {
		file := filepath.Join(t.TempDir(), name)
		f, err := Create(file, o, nil, nil, Nothing)
		if err != nil {
			t.Fatal(err)
		}
		all := rows(3)
		for i := range all {
			if err := errors.Join(f.Write(&all[i]), f.Save("c")); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.complete(); err != nil {
			t.Fatal(err)
		}
		for range 2 { // before and after it got its name
			if f, err = Resume(file, o, nil); err != nil || !f.State().Finished || f.Rows() != 3 {
				t.Fatalf("%s: got %+v, %v", name, f, err)
			}
			state, err := os.ReadFile(file + ".state")
			if err := errors.Join(err, f.Finish(), f.Close()); err != nil {
				t.Fatal(err)
			}
			if content(t, file, o) == "" {
				t.Errorf("%s is empty", name)
			}
			if err := os.WriteFile(file+".state", state, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestWriteFails: a full disk is an error, and no row is thought to be written.
func TestWriteFails(t *testing.T) {
	full := errors.New("no space left")
	for name, o := range kinds {
		s := NewStream(failing{full}, o)
		var err error
		for range 3 {
			for _, row := range rows(2000) {
				err = errors.Join(err, s.Write(&row))
			}
		}
		if err = errors.Join(err, s.Finish()); !errors.Is(err, full) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// failing is a writer that fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestPieces reads several pieces as one.
func TestPieces(t *testing.T) {
	for _, kind := range []Compression{Gzip, Zstd} {
		var b bytes.Buffer
		c := &compressor{out: &b, kind: kind}
		for range 3 {
			if _, err := c.Write([]byte("piece ")); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(c.end(), c.end()); err != nil {
				t.Fatal(err)
			}
		}
		name := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := content(t, name, Options{Format: CSV, Compression: kind}); got != "piece piece piece " {
			t.Errorf("%s: got %q", kind, got)
		}
	}
}
