#!/bin/sh
# Runs mdatagen on the components that are given as arguments, "exporter/activitylogexporter" and so on. It makes
# their generated_*.go and documentation.md, and the status table in their README.md, from their metadata.yaml.
# Running it again changes nothing.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
mkdir -p bin
# The version is in internal/tools/go.mod. v0.161.0 and v0.160.0 cannot be built: their module internal/schemagen is not
# served. What v0.159.0 generates compiles with v0.160.0 of the Collector.
(cd internal/tools && go build -o "$root/bin/mdatagen" go.opentelemetry.io/collector/cmd/mdatagen)
for component in "$@"; do
  # It wants the name of the package, which it takes from the go.mod of the component.
  (cd "$component" && "$root/bin/mdatagen" metadata.yaml && gofmt -l -w generated_*.go internal/metadata*/generated_*.go >/dev/null)
done
