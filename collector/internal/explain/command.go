// Package explain is the command "explain" of the program: it says what the processor
// activity of a configuration makes of spans and log records in a file, and why. It opens
// no port, and writes to no database.
package explain

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/pcommon"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/otelactivity/activitylog/processor/activityprocessor"
)

// Program is what the command needs of its program.
type Program struct {
	Factories      func() (otelcol.Factories, error)
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

const usage = `Usage: otelcol-activitylog explain [--config FILE]... [--processor ID] FILE

Says for each request in FILE what the processor "activity" makes of it, and why.
FILE has OTLP/JSON, one request of spans or log records after another; "-" is the
standard input. Without --config, the configuration that is built in is used.

`

// Main runs the command with its arguments, and returns the program's exit status.
func Main(ctx context.Context, args []string, program Program) int {
	err := run(ctx, args, program)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	default:
		_, _ = fmt.Fprintln(program.Stderr, "Error:", err)
		return 1
	}
}

func run(ctx context.Context, args []string, program Program) (err error) {
	var configs []string
	flags := flag.NewFlagSet("explain", flag.ContinueOnError)
	flags.SetOutput(program.Stderr)
	flags.Usage = func() {
		_, _ = io.WriteString(program.Stderr, usage)
		flags.PrintDefaults()
	}
	flags.Func("config", "`location` of a configuration, as the Collector takes it; it may be given several times", func(s string) error {
		configs = append(configs, s)
		return nil
	})
	id := flags.String("processor", "", "`id` of the processor, if the pipelines have several: activity/web")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read the arguments: %w", err)
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return fmt.Errorf("one file must be given; got %d", flags.NArg())
	}
	chosen, err := choose(ctx, configs, *id, program.Factories)
	if err != nil {
		return err
	}
	input, err := open(flags.Arg(0), program.Stdin)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Close()) }()
	explainer, err := activityprocessor.NewExplainer(ctx, chosen.config, settings(program.Stderr))
	if err != nil {
		return fmt.Errorf("start the processor %s: %w", chosen.id, err)
	}
	defer func() { err = errors.Join(err, explainer.Shutdown(context.Background())) }()
	r := report{w: program.Stdout, explainer: explainer}
	r.head(chosen)
	return r.requests(ctx, input)
}

func open(name string, stdin io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	file, err := os.Open(name) //nolint:gosec // the user names it
	if err != nil {
		return nil, fmt.Errorf("open the requests: %w", err)
	}
	return file, nil
}

// settings are those of a component without telemetry. Its warnings are written to w.
func settings(w io.Writer) component.TelemetrySettings {
	encoder := zapcore.NewConsoleEncoder(zapcore.EncoderConfig{
		MessageKey: "message", LevelKey: "level", EncodeLevel: zapcore.LowercaseLevelEncoder, EncodeDuration: zapcore.StringDurationEncoder,
	})
	return component.TelemetrySettings{
		Logger:         zap.New(zapcore.NewCore(encoder, zapcore.AddSync(w), zapcore.WarnLevel)),
		TracerProvider: tracenoop.NewTracerProvider(),
		MeterProvider:  metricnoop.NewMeterProvider(),
		Resource:       pcommon.NewResource(),
	}
}
