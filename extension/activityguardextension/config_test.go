package activityguardextension

import (
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension/extensiontest"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/metadata"
)

type values = map[string]any

func TestWrongConfiguration(t *testing.T) {
	for name, tt := range map[string]struct {
		given values
		want  []string
	}{
		"depth":       {values{"max_depth": 0}, []string{"max_depth: must be from 1 to 1000; got 0"}},
		"elements":    {values{"max_elements": -1}, []string{"max_elements: must be from 1 to 100000000; got -1"}},
		"memory":      {values{"max_in_flight_mib": "2GiB"}, []string{`max_in_flight_mib: must be a whole number; got "2GiB"`}},
		"no time":     {values{"timeout": "0s"}, []string{`timeout: must be more than 0, such as "30s"; got 0s`}},
		"no unit":     {values{"timeout": 15}, []string{`timeout: must have a unit, such as "30s"; got 15`}},
		"unknown":     {values{"max_dept": 1}, []string{`unknown field "max_dept"; did you mean "max_depth"?`}},
		"no list":     {values{"required": []any{"secret"}}, []string{`required must be a map; got a list`}},
		"not a text":  {values{"required": values{"A": 7}}, []string{`required has "A", which must be text`}},
		"empty value": {values{"required": values{"TLS_CLIENT_CA": nil, "TLS_CERT": "x"}}, []string{"required::TLS_CLIENT_CA: must not be empty; the configuration is not safe without it"}},
		"several": {values{"max_depth": 0, "timeout": 1, "required": values{"B": ""}, "x": 1}, []string{
			"max_depth: must be from 1 to 1000; got 0",
			"required::B: must not be empty; the configuration is not safe without it",
			`timeout: must have a unit, such as "30s"; got 1`,
			`unknown field "x"; must be one of "max_depth", "max_elements", "max_in_flight_mib", "required", "timeout"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := createDefaultConfig()
			if err := confmap.NewFromStringMap(tt.given).Unmarshal(cfg); err != nil {
				t.Fatal(err)
			}
			err := confmap.Validate(cfg)
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			slices.Sort(lines)
			if !slices.Equal(lines, tt.want) {
				t.Errorf("got %q, want %q", lines, tt.want)
			}

			_, err = NewFactory().Create(t.Context(), extensiontest.NewNopSettings(metadata.Type), cfg)
			if err == nil || !strings.Contains(err.Error(), lines[0]) {
				t.Errorf("the factory: got %v, want the same errors", err)
			}
		})
	}
}

func TestRequiredValuesAreHidden(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.Required = map[string]Required{"A": "secret"}
	conf := confmap.New()
	if err := conf.Marshal(cfg); err != nil {
		t.Fatal(err)
	}
	if a, timeout := conf.Get("required::A"), conf.Get("timeout"); a != "[REDACTED]" || timeout != "15s" {
		t.Errorf("got %v and %v", a, timeout)
	}
}
