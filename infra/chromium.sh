#!/usr/bin/env bash
# Finds Chromium for the browser tests, or installs it by apt where that is allowed, and links it at $1.
set -euo pipefail
find_it() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
browser=$(find_it)
if [ -z "$browser" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
  browser=$(find_it)
fi
if [ -z "$browser" ]; then
  echo "Chromium is missing: apt-get install chromium (the browser tests drive it)" >&2
  exit 1
fi
ln -sfn "$browser" "$1"
