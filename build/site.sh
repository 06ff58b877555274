#!/usr/bin/env bash
# Makes the documentation's site from docs/ and from what the public types say of themselves.
#   build/site.sh               into artifacts/site, or where SITE says
#   build/site.sh --no-build    of the assemblies that are there: a build has made them
# A warning is an error: a link that leads nowhere, a name that no type has. docfx comes from .config/dotnet-tools.json.
set -euo pipefail
cd "$(dirname "$0")/.."

site=${SITE:-artifacts/site}
if [ "${1:-}" != --no-build ]; then
  for project in Store.Client Store.AspNetCore Store.Crdt Store.Testing; do
    dotnet build "src/$project" -c Release -p:RunAnalyzers=false --nologo -v quiet
  done
fi

rm -rf build/site/obj "$site"
mkdir -p "$site"
site=$(cd "$site" && pwd)
dotnet tool restore --verbosity quiet

# A run of seconds gains nothing from instrumented code.
export DOTNET_TieredPGO=0
if ! dotnet docfx build/site/docfx.json --output "$site" --warningsAsErrors --logLevel warning; then
  echo "site.sh: the site was not made; see the warnings above" >&2
  exit 1
fi
echo "in $site: show it with any server of files, as by python3 -m http.server --directory $site"
