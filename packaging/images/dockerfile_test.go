package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDockerfile: the file for Docker says the same about how the program runs as the image does.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, ok := strings.Cut(string(text), "\nFROM scratch\n")
	if !ok {
		t.Fatal("the last stage is not FROM scratch")
	}
	config := programs["otelcol-activitylog"].runConfig(release{Version: "0.1.0"})
	health := config.Healthcheck
	want := []string{
		"EXPOSE 4317/tcp 4318/tcp 8888/tcp 13133/tcp",
		fmt.Sprintf("VOLUME [%q]", slices.Collect(maps.Keys(config.Volumes))[0]),
		"WORKDIR " + config.WorkingDir,
		"USER " + config.User,
		"STOPSIGNAL " + config.StopSignal,
		fmt.Sprintf("HEALTHCHECK --interval=%.0fs --timeout=%.0fs --start-period=%.0fs --retries=%d CMD [%q,%q]", health.Interval.Seconds(),
			health.Timeout.Seconds(), health.StartPeriod.Seconds(), health.Retries, health.Test[1], health.Test[2]),
		fmt.Sprintf("ENTRYPOINT [%q]", config.Entrypoint[0]),
	}
	for _, variable := range config.Env {
		want = append(want, "ENV "+variable)
	}
	if ports := strings.Fields(want[0])[1:]; len(ports) != len(config.ExposedPorts) {
		t.Errorf("the image has the ports %v", config.ExposedPorts)
	}
	var got []string
	for line := range strings.Lines(last) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "COPY ") {
			got = append(got, line)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the last stage has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
