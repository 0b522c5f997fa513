package explain

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/otelactivity/activitylog/collector/internal/builtin"
	"github.com/otelactivity/activitylog/processor/activityprocessor"
)

// chosen is the processor to explain.
type chosen struct {
	id     component.ID
	config *activityprocessor.Config
	before []string // other processors before it in a pipeline
}

// choose reads configurations as the Collector does, and returns the processor activity of
// their pipelines, or the one with that id.
func choose(ctx context.Context, configs []string, id string, factories func() (otelcol.Factories, error)) (chosen, error) {
	cfg, err := resolve(ctx, configs, factories)
	if err != nil {
		return chosen{}, err
	}
	all := used(cfg)
	if id == "" && len(all) == 1 {
		id = all[0].String()
	}
	for _, one := range all {
		if one.String() == id {
			return chosen{id: one, config: cfg.Processors[one].(*activityprocessor.Config), before: before(cfg, one)}, nil
		}
	}
	switch {
	case len(all) == 0:
		return chosen{}, errors.New("find the processor activity: no pipeline of traces or logs has one")
	case id == "":
		return chosen{}, fmt.Errorf("the pipelines have several processors; --processor must be one of %s", quoted(all))
	}
	return chosen{}, fmt.Errorf("--processor must be one of %s; got %q", quoted(all), id)
}

func quoted(ids []component.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprintf("%q", id)
	}
	return strings.Join(texts, ", ")
}

// resolve reads and checks configurations.
func resolve(ctx context.Context, configs []string, factories func() (otelcol.Factories, error)) (cfg *otelcol.Config, err error) {
	if len(configs) == 0 {
		configs = []string{builtin.URI()}
	}
	known, err := factories()
	if err != nil {
		return nil, fmt.Errorf("list the components of the program: %w", err)
	}
	provider, err := otelcol.NewConfigProvider(otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
		URIs: configs, DefaultScheme: "env",
		ProviderFactories: []confmap.ProviderFactory{envprovider.NewFactory(), fileprovider.NewFactory(), yamlprovider.NewFactory()},
	}})
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer func() { err = errors.Join(err, provider.Shutdown(ctx)) }()
	if cfg, err = provider.Get(ctx, known); err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if err := confmap.Validate(cfg); err != nil {
		return nil, fmt.Errorf("check the configuration: %w", err)
	}
	return cfg, nil
}

// used returns the processors activity of the pipelines.
func used(cfg *otelcol.Config) []component.ID {
	found := map[component.ID]bool{}
	for _, pipeline := range cfg.Service.Pipelines {
		for _, id := range pipeline.Processors {
			if _, ok := cfg.Processors[id].(*activityprocessor.Config); ok {
				found[id] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b component.ID) int { return strings.Compare(a.String(), b.String()) })
}

// before returns the processors before one that may change records, which are not applied.
func before(cfg *otelcol.Config, one component.ID) []string {
	found := map[string]bool{}
	for _, pipeline := range cfg.Service.Pipelines {
		i := slices.Index(pipeline.Processors, one)
		for _, id := range pipeline.Processors[:max(i, 0)] {
			if id.Type().String() != "memory_limiter" && id.Type().String() != "batch" {
				found[id.String()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
