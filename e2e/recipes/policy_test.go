package recipes_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

const policyFile = "../../processor/activityprocessor/testdata/policy.yaml"

// The fifty rules are a configuration that the real collector accepts, and one wrong
// word in their midst is found.
func TestPolicyIsValid(t *testing.T) {
	policy, err := os.ReadFile(policyFile)
	if err != nil {
		t.Fatal(err)
	}
	config := "processors:\n  " + strings.ReplaceAll(string(policy), "\n", "\n  ")
	if output, err := validate(t, config); err != nil {
		t.Errorf("validate %s: %v\n%s", policyFile, err, output)
	}

	wrong := strings.Replace(config, "actor.id: 'attributes[\"hook.sender\"]'", "actor_id: 'attributes[\"hook.sender\"]'", 1)
	wrong = strings.Replace(wrong, "routes: [/search], sample_reads: 0.01", "routes: [/search], sample_reads: 10", 1)
	output, err := validate(t, wrong)
	if err == nil {
		t.Error("the collector accepts wrong rules")
	}
	for _, want := range []string{
		`processors::activity::rules::21::sample_reads: must be above 0 and at most 1; got 10`,
		`processors::activity::rules::31::set::actor_id: unknown field "actor_id"; did you mean "actor.id"?`,
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the collector does not say %q:\n%s", want, output)
		}
	}
}

// validate lets the collector check its configuration with that one on top.
func validate(t *testing.T, config string) (output string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, collectortest.Binary(t), "validate", "--config=../../collector-config.yaml", "--config="+file)
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	err = cmd.Run()
	return both.String(), err
}
