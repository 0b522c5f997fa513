#!/bin/sh
# Builds a Grafana, with its pages, to bin/grafana for make test-grafana. The one
# version of it that the Go proxy has is of June 2023, between 10.0 and 10.1. Its
# module has no folders called vendor, as no module has; what was in them here,
# parts of the old Angular panels, is replaced by nothing. It needs npm, and takes
# about ten minutes the first time.
set -eu
cd "$(dirname "$0")/.."

version=v1.9.2-0.20230609164553-81d85ce8028d
target=$PWD/bin/grafana
[ -e "$target/built" ] && exit 0

sh scripts/node.sh
module=$(go mod download -json "github.com/grafana/grafana@$version" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
rm -rf "$target"
mkdir -p "$target"
cp -r "$module/." "$target"
chmod -R u+w "$target"
cd "$target"

# The server.
export GOFLAGS=-mod=mod
go run github.com/google/wire/cmd/wire@v0.7.0 gen -tags oss ./pkg/server ./pkg/cmd/grafana-cli/runner
go build -o bin/grafana ./pkg/cmd/grafana

# The pages.
stub() {
	mkdir -p "$(dirname "public/vendor/$1")"
	echo "$2" >"public/vendor/$1.js"
}
for file in flot/jquery.flot flot/jquery.flot.crosshair flot/jquery.flot.dashes flot/jquery.flot.fillbelow flot/jquery.flot.gauge \
	flot/jquery.flot.selection flot/jquery.flot.stack flot/jquery.flot.stackpercent flot/jquery.flot.time tagsinput/bootstrap-tagsinput; do
	stub "$file" 'export {};'
done
stub bootstrap/bootstrap "import $ from 'jquery';
for (const name of ['tooltip', 'popover', 'typeahead', 'modal', 'dropdown', 'tab', 'button', 'transition']) {
  \$.fn[name] = function () { return this; };
  \$.fn[name].defaults = {};
}"
sed -i 's#https://cdn.sheetjs.com/[^"]*#0.18.5#' package.json # not in npm's registry
sed -i 's/symlinks: false/symlinks: true/' scripts/webpack/webpack.common.js
export YARN_NODE_LINKER=node-modules YARN_ENABLE_IMMUTABLE_INSTALLS=false YARN_CHECKSUM_BEHAVIOR=update
export CYPRESS_INSTALL_BINARY=0 PUPPETEER_SKIP_DOWNLOAD=1 HUSKY=0
yarn="node .yarn/releases/yarn-3.4.1.cjs"
$yarn install --mode=skip-build >yarn.log || { tail -20 yarn.log; exit 1; }
$yarn themes:generate
NODE_ENV=production NODE_OPTIONS=--max-old-space-size=8000 $yarn webpack --config scripts/webpack/webpack.prod.js --env noMinify=1
rm -rf node_modules # the pages are built
touch built
