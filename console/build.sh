#!/usr/bin/env bash
# Builds the web console into console/dist, from where `cargo build` takes it into the binary. A build that is there and newer than
# its sources is kept. Needs Node.js 20.19 or later and npm; without them it says so and ends with status 3.
set -euo pipefail
cd "$(dirname "$0")"

need() { printf '%s\n' "the web console is not built: $1" "install Node.js 20.19 or later with npm (https://nodejs.org), then run console/build.sh" >&2; exit 3; }
command -v node >/dev/null || need "there is no node"
command -v npm >/dev/null || need "there is no npm"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' ||
  need "node is $(node --version)"

sources() { find src public index.html package-lock.json vite.config.ts tsconfig.json ../spec -type f -not -path 'src/generated/*' -not -name '*.test.ts' "$@"; }
if [ -f dist/index.html ] && [ -z "$(sources -newer dist/index.html -print -quit)" ]; then
  exit 0
fi
# As the lock says, like `npm ci`, which also insists on the optional packages of other platforms, and not every registry has them.
[ node_modules/.package-lock.json -nt package-lock.json ] || npm install --no-save --no-fund --no-audit --loglevel=error
npm run --silent build -- --logLevel warn
# What was there stays until the new one is whole.
find dist -mindepth 1 -not -name .gitignore -delete
cp -R dist.new/. dist/
rm -rf dist.new
