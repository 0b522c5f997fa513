package recipes_test

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// A wrong rule stops the start, with its path and a hint.
func TestWrongRuleStopsTheStart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const rules = `yaml:processors::activity::rules: [{preset: http_server}, {name: login, match: ['attributes.http.route == "/login"']}]`
	cmd := exec.CommandContext(ctx, collectortest.Binary(t), "--config=../../collector-config.yaml", "--config="+rules)
	cmd.Dir = "."
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 0 {
		t.Errorf("the collector ended with %v, want an exit status", err)
	}
	for _, want := range []string{`processors::activity::rules::1::match::0: `, `hint: OTTL has brackets for attributes: attributes["http.route"]`} {
		if !strings.Contains(output.String(), want) {
			t.Errorf("the collector does not say %q:\n%s", want, output.String())
		}
	}
}
