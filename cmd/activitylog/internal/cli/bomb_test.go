package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file of zstd says how much memory its reader needs, so ours has a bound.
func TestHugeWindow(t *testing.T) {
	for window, want := range map[byte]string{17 << 3: "", 19 << 3: "window size exceeded"} { // 128 MiB and 512 MiB
		name := filepath.Join(t.TempDir(), "a.jsonl.zst")
		if err := os.WriteFile(name, []byte{0x28, 0xb5, 0x2f, 0xfd, 0, window, 1, 0, 0}, 0o600); err != nil {
			t.Fatal(err)
		}
		from, err := new(app).openImport(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(from)
		if len(text) > 0 || (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%#x: got %q, %v, want %q", window, text, err, want)
		}
		if err := from.Close(); err != nil {
			t.Error(err)
		}
	}
}
