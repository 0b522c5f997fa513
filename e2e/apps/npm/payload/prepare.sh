#!/bin/sh
# Builds the application from create-payload-app's template, and its empty database.
set -eu
mkdir -p src/app
cp -r "node_modules/create-payload-app/dist/template/src/app/(payload)" src/app/
export PAYLOAD_SECRET=only-for-tests NEXT_TELEMETRY_DISABLED=1 CI=1
rm -rf .next empty.db* src/migrations
npx payload migrate:create --skip-empty start
npx payload migrate
npx next build
