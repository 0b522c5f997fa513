#!/bin/sh
# Makes container images of the collector and the command in bin/images, for linux on amd64 and arm64, or
# with RELEASE_PLATFORMS=host for this machine's processor alone. Publishes nothing.
set -eu
cd "$(dirname "$0")/.."
version="$(sed -n 's/^  version: //p' collector/builder-config.yaml)"
commit="$(git rev-parse HEAD)"
arches="amd64 arm64"
[ "${RELEASE_PLATFORMS:-}" = host ] && arches="$(go env GOARCH)"
out="$PWD/bin/images"
rm -rf "$out"
mkdir -p "$out"
sh packaging/prepare.sh # the licences of what the programs are made of
make_image() { # name, folder of its sources, Go package of its version
	builds=""
	for arch in $arches; do
		echo "building $1 for linux/$arch"
		(cd "$2" && CGO_ENABLED=0 GOOS=linux GOARCH="$arch" go build -trimpath -buildvcs=false -ldflags="-s -w -X $3.release=$version -X $3.commit=$(echo "$commit" | cut -c1-12)" \
			-o "$out/.build/$arch/$1" .)
		builds="$builds linux/$arch=$out/.build/$arch/$1"
	done
	# shellcheck disable=SC2086 # one argument a platform
	(cd packaging && go run ./images -name "$1" -version "$version" -revision "$commit" -created "$(git log -1 --format=%ct)" \
		-documents "../LICENSE,../bin/package/$1/THIRD_PARTY_LICENSES" -out "$out" $builds)
}
make_image otelcol-activitylog collector main
make_image activitylog cmd/activitylog github.com/otelactivity/activitylog/cmd/activitylog/internal/cli
rm -rf "$out/.build"
