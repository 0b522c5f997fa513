#!/bin/sh
# Makes main*.go, components.go, go.mod and go.sum of this folder from
# builder-config.yaml with the OpenTelemetry Collector Builder, and copies the
# configuration that is built in. Running it again changes nothing.
set -eu
cd "$(dirname "$0")"

# Go embeds only files of the package's own folder.
cp ../collector-config.yaml internal/builtin/

# The builder calls "go mod tidy", which also wants the packages that only the
# tests of our dependencies import; not every module proxy serves them (contrib's
# pkg/golden is one). -e lets tidy go on without them. Whatever the program itself
# needs and lacks still stops the build.
GOFLAGS="$(go env GOFLAGS) -e"
export GOFLAGS

go run go.opentelemetry.io/collector/cmd/builder@v0.160.0 \
  --skip-compilation --skip-strict-versioning=false --config builder-config.yaml
