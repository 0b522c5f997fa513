package memoryconverter

import (
	"errors"
	"reflect"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"
)

func TestConvert(t *testing.T) {
	limiter := func(pairs ...any) map[string]any {
		m := map[string]any{"check_interval": "1s"}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	for name, tt := range map[string]struct {
		processors any
		env        map[string]string
		wantLimit  int64
	}{
		"percentages":           {processors: map[string]any{"memory_limiter": limiter("limit_percentage", 75, "spike_limit_percentage", 20)}, wantLimit: 550},
		"no spike":              {processors: map[string]any{"memory_limiter": limiter("limit_mib", 100)}, wantLimit: 80 << 20},
		"MiB":                   {processors: map[string]any{"memory_limiter/own": limiter("limit_mib", 100, "spike_limit_mib", 30)}, wantLimit: 70 << 20},
		"two, the smaller":      {processors: map[string]any{"memory_limiter": limiter("limit_mib", 100), "memory_limiter/2": limiter("limit_mib", 50)}, wantLimit: 40 << 20},
		"GOMEMLIMIT is set":     {processors: map[string]any{"memory_limiter": limiter("limit_mib", 100)}, env: map[string]string{"GOMEMLIMIT": "1GiB"}},
		"another processor":     {processors: map[string]any{"memory": limiter("limit_mib", 100)}},
		"wrong, is not ours":    {processors: map[string]any{"memory_limiter": limiter("limit_percentage", 101)}},
		"unknown key":           {processors: map[string]any{"memory_limiter": limiter("limit", 101)}},
		"not a map":             {processors: "memory_limiter"},
		"no processors at all":  {},
		"memory_limiter is nil": {processors: map[string]any{"memory_limiter": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			content := map[string]any{}
			if tt.processors != nil {
				content["processors"] = tt.processors
			}
			conf := confmap.NewFromStringMap(content)
			before := conf.ToStringMap()
			var limit int64
			c := &converter{
				logger: zap.NewNop(), totalMemory: func() (uint64, error) { return 1000, nil },
				lookupEnv:      func(key string) (string, bool) { v, ok := tt.env[key]; return v, ok },
				setMemoryLimit: func(n int64) int64 { limit = n; return 0 },
			}
			if err := c.Convert(t.Context(), conf); err != nil {
				t.Fatal(err)
			}
			if limit != tt.wantLimit {
				t.Fatalf("limit: got %v, want %v", limit, tt.wantLimit)
			}
			if got := conf.ToStringMap(); !reflect.DeepEqual(got, before) {
				t.Fatalf("the configuration stays as it is: got %v, want %v", got, before)
			}
		})
	}
}

func TestUnknownMemory(t *testing.T) {
	c := &converter{
		logger: zap.NewNop(), totalMemory: func() (uint64, error) { return 0, errors.New("no /proc") },
		lookupEnv:      func(string) (string, bool) { return "", false },
		setMemoryLimit: func(int64) int64 { t.Error("a limit was set"); return 0 },
	}
	conf := confmap.NewFromStringMap(map[string]any{"processors": map[string]any{
		"memory_limiter": map[string]any{"check_interval": "1s", "limit_percentage": 75, "spike_limit_percentage": 20},
	}})
	if err := c.Convert(t.Context(), conf); err != nil {
		t.Fatal(err)
	}
}

func TestFactory(t *testing.T) {
	c := NewFactory().Create(confmap.ConverterSettings{Logger: zap.NewNop()}).(*converter)
	total, err := c.totalMemory()
	if err != nil {
		t.Fatal(err)
	}
	if total <= uint64(64<<20) {
		t.Fatalf("total: got %v, want more than %v", total, uint64(64<<20))
	}
}
