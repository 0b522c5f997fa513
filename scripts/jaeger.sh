#!/bin/sh
# Builds Jaeger's all-in-one, version 1.76.0, from its Go module to bin/jaeger for
# the test of examples/jaeger. The module has replace lines, which "go install
# module@version" refuses; so it is built in its own folder of the module cache,
# with its own go.sum. The pages of its user interface are not in the module.
set -eu
cd "$(dirname "$0")/.."

module=github.com/jaegertracing/jaeger@v1.76.0
dir=$(go mod download -json "$module" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -C "$dir" -trimpath -ldflags="-s -w" -o "$PWD/bin/jaeger" ./cmd/all-in-one
