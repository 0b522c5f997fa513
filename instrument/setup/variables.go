package setup

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/instrument/spool"
)

// spoolOptions returns the options of the spool that the variables set.
func spoolOptions(getenv func(string) string) ([]spool.Option, error) {
	var opts []spool.Option
	if dir := getenv("ACTIVITYLOG_SPOOL_DIR"); dir != "" {
		opts = append(opts, spool.WithDir(dir))
	}
	if text := getenv("ACTIVITYLOG_SPOOL_BYTES"); text != "" {
		n, err := parseBytes(text)
		if err != nil {
			return nil, fmt.Errorf("read ACTIVITYLOG_SPOOL_BYTES: %w", err)
		}
		opts = append(opts, spool.WithMaxBytes(n))
	}
	size, err := number(getenv, "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", spool.DefaultBatchSize)
	if err != nil {
		return nil, err
	}
	delay, err := number(getenv, "OTEL_BLRP_SCHEDULE_DELAY", int(spool.DefaultBatchDelay/time.Millisecond))
	if err != nil {
		return nil, err
	}
	return append(opts, spool.WithBatch(size, time.Duration(delay)*time.Millisecond)), nil
}

// withSpoolVariables adds the variables of the spool that are set to an error of it.
func withSpoolVariables(err error) error {
	for _, name := range []string{"ACTIVITYLOG_SPOOL_DIR", "ACTIVITYLOG_SPOOL_BYTES"} {
		if value := os.Getenv(name); value != "" {
			err = fmt.Errorf("%w; %s is %q", err, name, value)
		}
	}
	return err
}

func number(getenv func(string) string, name string, otherwise int) (int, error) {
	text := getenv(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("read %s: must be a whole number above 0; got %q", name, text)
	}
	return n, nil
}

var units = []struct {
	suffix string
	bytes  int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"", 1}}

// parseBytes reads a number of bytes, such as 1048576 or 1MiB.
func parseBytes(text string) (int64, error) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err == nil && n > 0 && n <= (1<<62)/u.bytes {
			return n * u.bytes, nil
		}
		break
	}
	return 0, fmt.Errorf("must be bytes, such as 1048576, 512MiB or 2GiB; got %q", text)
}
