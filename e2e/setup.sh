#!/bin/sh
# Makes a bare clone ready: dependencies, the run time, and (unless --no-lab is given) the programs of the lab.
# Called by the npm scripts; a second call has nothing to do and ends at once.
set -eu
cd "$(dirname "$0")/.."

with_lab=yes
for argument in "$@"; do
  case $argument in
    --no-lab) with_lab=no ;;
    *)
      echo "e2e/setup.sh knows only --no-lab, not $argument." >&2
      exit 2
      ;;
  esac
done

# The stamp is the lock file that was installed, so a changed one is noticed whatever its date.
stamp=node_modules/.installed-package-lock.json
if ! cmp -s package-lock.json "$stamp"; then
  if ! command -v npm >/dev/null 2>&1; then
    echo "npm is not installed here: install Node.js 22.19 or newer, which brings it." >&2
    exit 1
  fi
  echo "Installing dependencies ..."
  # npm may itself run under an older Node than the project; the run time comes with the dependencies.
  npm ci --loglevel=error --no-audit --no-fund --engine-strict=false --include=dev --include=optional </dev/null
  cp package-lock.json "$stamp"
fi

PATH="$PWD/node_modules/.bin:$PATH"
export PATH

# The packaged run time is for Linux on x64 with glibc; where it cannot run, the installed Node serves.
if [ -e node_modules/.bin/node ] && ! node_modules/.bin/node --version >/dev/null 2>&1; then
  rm -f node_modules/.bin/node
fi
if ! command -v node >/dev/null 2>&1; then
  echo "Node.js is not installed here: install version 22.19 or newer." >&2
  exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 19) ? 0 : 1)'; then
  echo "Node.js $(node --version) is too old: install version 22.19 or newer and put it first on PATH." >&2
  exit 1
fi

if [ "$with_lab" = yes ]; then
  node e2e/lab/build.ts
  # The status page is looked at in a real browser; where there is none, the tests that want it say so.
  if ! command -v chromium >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends chromium </dev/null >/dev/null 2>&1 ||
      { apt-get update -q && apt-get install -y -q --no-install-recommends chromium; } </dev/null >/dev/null 2>&1 ||
      echo "Chromium could not be installed; install the package chromium for the tests of the status page." >&2
  fi
fi
