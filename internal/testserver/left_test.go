package testserver

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestRemoveLeft(t *testing.T) {
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	for name, stays := range map[string]bool{
		fmt.Sprintf("%s%d-1", prefix, ended.Process.Pid): false,
		fmt.Sprintf("%s%d-1", prefix, os.Getpid()):       true,
		prefix + "mine": true,
		fmt.Sprintf("other-%d-1", ended.Process.Pid): true,
	} {
		folder := filepath.Join(parent, name)
		if err := os.MkdirAll(filepath.Join(folder, "data"), 0o755); err != nil {
			t.Fatal(err)
		}
		removeLeft(parent)
		if _, err := os.Stat(folder); (err == nil) != stays {
			t.Errorf("%s: stays %v, want %v", name, err == nil, stays)
		}
	}
}
