package setup

import "testing"

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "1048576": 1 << 20, "512MiB": 512 << 20, "2 GiB": 2 << 30, "3KiB": 3 << 10,
		"": 0, "0": 0, "-1": 0, "MiB": 0, "5MB": 0, "9223372036854775807GiB": 0, "x": 0,
	} {
		got, err := parseBytes(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("parseBytes(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestSpoolOptionsSayWhichVariableIsWrong(t *testing.T) {
	for name, value := range map[string]string{
		"ACTIVITYLOG_SPOOL_BYTES": "lots", "OTEL_BLRP_SCHEDULE_DELAY": "1s", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "0",
	} {
		_, err := spoolOptions(func(n string) string {
			if n == name {
				return value
			}
			return ""
		})
		if err == nil {
			t.Errorf("%s=%s is taken", name, value)
		} else {
			t.Log(err)
		}
	}
}
