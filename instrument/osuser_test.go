package instrument_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestOSUser(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "id", "-un").Output()
	if err != nil {
		t.Skipf("run id: %v", err)
	}
	if got := instrument.OSUser(); got.ID != strings.TrimSpace(string(out)) || got.Type != activity.ActorUser {
		t.Errorf("user %v, id says %s", got, out)
	}
}
