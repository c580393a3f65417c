#!/usr/bin/env bash
# Builds the operator's page where Node is: build.sh page|test SOURCES WORK. Does nothing if the sources are those that were
# built last. Without Node, npm or packages the build goes on, and the service serves a page that says so.
set -euo pipefail
what=$1 sources=$2 work=$3

without() {
  rm -rf "$work/dist" "$work/built"
  cat >&2 <<TEXT
[WARNING] ------------------------------------------------------------------------
[WARNING] The service is built WITHOUT the operator's page: $1
[WARNING] Everything else works. To get the page, $2, and build again.
[WARNING] ------------------------------------------------------------------------
TEXT
  exit 0
}

case $what in
page)
  command -v node >/dev/null || without "there is no node" "install Node.js 18 or newer and npm (Debian: apt-get install nodejs npm)"
  command -v npm >/dev/null || without "there is no npm" "install it (Debian: apt-get install npm)"
  (($(node -p 'parseInt(process.versions.node)') >= 18)) ||
    without "node is $(node --version)" "install Node.js 18 or newer"
  digest=$(cd "$sources" && find . -type f ! -name '.*.swp' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
  [[ ! -e $work/built || $(<"$work/built") != "$digest" || ! -e $work/dist/index.html ]] || exit 0
  rm -f "$work/built"
  mkdir -p "$work"
  packages=$(cd "$sources" && cat .npmrc package.json package-lock.json | sha256sum)
  for old in "$work"/{src,test,browser}; do rm -rf "$old"; done
  cp -R "$sources/." "$work"
  cd "$work"
  if [[ ! -e packages || $(<packages) != "$packages" ]]; then
    rm -f packages
    npm ci --no-progress --loglevel=error || without "npm could not install its packages" "see npm's message above"
    echo "$packages" >packages
  fi
  # From here on a failure is one of the sources, and ends the build.
  npm run --silent check
  npm run --silent build
  echo "$digest" >built
  ;;
test)
  [[ -e $work/built ]] || {
    echo "[WARNING] the operator's page was not built, so its tests are skipped" >&2
    exit 0
  }
  cd "$work"
  npm run --silent test
  ;;
*)
  echo "build.sh: \"$what\" is neither page nor test" >&2
  exit 2
  ;;
esac
