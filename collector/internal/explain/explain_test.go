package explain

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"

	"github.com/otelactivity/activitylog/collector/internal/builtin"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter"
	"github.com/otelactivity/activitylog/extension/activityguardextension"
	"github.com/otelactivity/activitylog/processor/activityprocessor"
)

// With -update the golden files are rewritten: read the difference before you believe it.
var update = flag.Bool("update", false, "write testdata/*.txt from what the command prints")

// factories are those of the components that the built-in configuration uses.
func factories() (f otelcol.Factories, err error) {
	f.Telemetry = otelconftelemetry.NewFactory()
	if f.Receivers, err = otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory()); err != nil {
		return f, err
	}
	if f.Processors, err = otelcol.MakeFactoryMap[processor.Factory](activityprocessor.NewFactory(), memorylimiterprocessor.NewFactory()); err != nil {
		return f, err
	}
	if f.Exporters, err = otelcol.MakeFactoryMap[exporter.Factory](activitylogexporter.NewFactory()); err != nil {
		return f, err
	}
	f.Extensions, err = otelcol.MakeFactoryMap[extension.Factory](activityguardextension.NewFactory(), healthcheckextension.NewFactory())
	return f, err
}

// explain runs the command.
func explain(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errors bytes.Buffer
	status = Main(t.Context(), args, Program{Factories: factories, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errors})
	return out.String(), errors.String(), status
}

// Captures of real applications by the built-in configuration, and requests of a service by
// one with identity rules, lookups and rules of its own.
func TestGolden(t *testing.T) {
	for name, args := range map[string][]string{
		"verdaccio": nil,
		"next":      nil,
		"shop":      {"--config", builtin.URI(), "--config", "testdata/shop.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			got, stderr, status := explain(t, "", append(args, filepath.Join("testdata", name+".jsonl"))...)
			if status != 0 || stderr != "" {
				t.Fatalf("status %d: %s", status, stderr)
			}
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; -update writes it again. Got:\n%s", golden, got)
			}
			for _, secret := range []string{"hunter2", "s3cr3t", "NDM6"} {
				if strings.Contains(got, secret) {
					t.Errorf("the secret %q is explained", secret)
				}
			}
		})
	}
	if files, _ := filepath.Glob("*.db"); len(files) > 0 {
		t.Errorf("the command wrote %v", files)
	}
}

// The standard input is read as a file is, and requests need not be on one line each.
func TestStandardInput(t *testing.T) {
	const request = `{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": 2, "attributes": [
		{"key": "http.request.method", "value": {"stringValue": "PUT"}}, {"key": "url.path", "value": {"stringValue": "/articles/17\u001b[31m"}}]}]}]}]}`
	got, stderr, status := explain(t, request+"\n"+request, "-")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if !strings.HasSuffix(got, "\n2 records, 0 rows; no row: no_actor 2\n") {
		t.Errorf("got:\n%s", got)
	}
	if strings.Contains(got, "\x1b") {
		t.Errorf("a terminal would be changed: %q", got)
	}
}

func TestMistakes(t *testing.T) {
	const two = `yaml:
processors: {activity/a: {}, activity/b: {}}
service: {pipelines: {traces: {processors: [activity/a]}, logs: {processors: [activity/b]}}}`
	for name, tt := range map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"no file":          {want: "one file must be given; got 0"},
		"unknown flag":     {args: []string{"--x"}, want: "flag provided but not defined: -x"},
		"no such file":     {args: []string{"none.jsonl"}, want: "open the requests: open none.jsonl"},
		"no configuration": {args: []string{"--config", "none.yaml", "-"}, want: "none.yaml"},
		"wrong configuration": {args: []string{"--config", builtin.URI(), "--config", "yaml:processors::activity::rule: x", "-"},
			want: "did you mean"},
		"two processors": {args: []string{"--config", builtin.URI(), "--config", two, "-"},
			want: `--processor must be one of "activity/a", "activity/b"`},
		"unknown processor": {args: []string{"--processor", "activity/x", "-"}, want: `--processor must be one of "activity"; got "activity/x"`},
		"no JSON":           {stdin: "hello", args: []string{"-"}, want: "read request 1: invalid character"},
		"no request":        {stdin: "{}", args: []string{"-"}, want: "explain request 1: must have resourceSpans or resourceLogs"},
		"no object":         {stdin: "[1]", args: []string{"-"}, want: "must be a JSON object"},
		"wrong OTLP":        {stdin: `{"resourceSpans": 1}`, args: []string{"-"}, want: "read OTLP/JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr, status := explain(t, tt.stdin, tt.args...)
			if status != 1 || !strings.Contains(stderr, tt.want) {
				t.Errorf("status %d, %q, want 1 and %q", status, stderr, tt.want)
			}
		})
	}
	out, stderr, status := explain(t, "", "--config", builtin.URI(), "--config", two, "--processor", "activity/b", "-")
	if status != 0 || !strings.HasPrefix(out, "processor activity/b,") {
		t.Errorf("status %d, %q, %q", status, out, stderr)
	}
}

// A processor before it changes what it sees, so that is said.
func TestNotes(t *testing.T) {
	const more = `yaml:
processors: {activity/a: {senders: {list: [{name: x, token: y, services: [z]}]}}}
service: {pipelines: {traces: {processors: [memory_limiter, activity, activity/a]}}}`
	out, stderr, status := explain(t, "", "--config", builtin.URI(), "--config", more, "--processor", "activity/a", "-")
	if status != 0 || !strings.Contains(out, "note: processors before it are not applied: activity\n") ||
		!strings.Contains(out, "note: who may send is not checked\n") {
		t.Errorf("status %d, %q, %q", status, out, stderr)
	}
}

// A request that the processor refuses is said to be, and the next one is explained.
func TestRefused(t *testing.T) {
	const strict = `yaml:
processors: {activity: {error_mode: propagate, rules: [{name: strict, preset: http_server, match: ['Int(attributes["n"]["x"]) > 0']}]}}`
	const request = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":2,"attributes":[
		{"key":"http.request.method","value":{"stringValue":"PUT"}},{"key":"n","value":{"stringValue":"hunter2"}}]}]}]}]}`
	out, stderr, status := explain(t, request+`{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":2}]}]}]}`,
		"--config", builtin.URI(), "--config", strict, "-")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if !strings.Contains(out, "\nrequest 1 is refused by the collector: ") || strings.Contains(out, "hunter2") ||
		!strings.HasSuffix(out, "\n1 records, 0 rows; no row: no_rule 1\n") {
		t.Errorf("got:\n%s", out)
	}
}
