#!/bin/sh
# Makes dist/ by goreleaser, without publishing: programs, archives, packages, SBOMs, checksums.
# With RELEASE_PLATFORMS=host it is for this machine's platform alone. goreleaser has no option
# for that, so it gets a configuration with other goos and goarch.
set -eu
cd "$(dirname "$0")/.."
config=.goreleaser.yaml
if [ "${RELEASE_PLATFORMS:-}" = host ]; then
	config=bin/goreleaser-host.yaml
	sed -e "s/goos: \[.*\]/goos: [$(go env GOHOSTOS)]/" -e "s/goarch: \[.*\]/goarch: [$(go env GOHOSTARCH)]/" .goreleaser.yaml >"$config"
fi
export CYCLONEDX="${CYCLONEDX:-$PWD/bin/cyclonedx-gomod}"
exec "${GORELEASER:-bin/goreleaser}" release --snapshot --clean --config "$config" "$@"
