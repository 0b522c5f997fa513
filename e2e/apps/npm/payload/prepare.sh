#!/bin/sh
# Builds the application from create-payload-app's template, and its empty database.
set -eu
mkdir -p src/app
cp -r "node_modules/create-payload-app/dist/template/src/app/(payload)" src/app/
export PAYLOAD_SECRET=only-for-tests NEXT_TELEMETRY_DISABLED=1 CI=1
rm -rf .next empty.db* src/migrations
# Payload's command now and then ends at once with exit code 0, and has done and said nothing.
for _ in 1 2 3 4 5; do
	[ -e src/migrations/index.ts ] || npx payload migrate:create --skip-empty start
done
for _ in 1 2 3 4 5; do
	[ -s empty.db ] || npx payload migrate
done
[ -s empty.db ] || { echo "payload migrate made no tables" >&2; exit 1; }
npx next build
