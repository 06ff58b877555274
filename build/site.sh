#!/usr/bin/env bash
# Makes the documentation's site from docs/ and from what the public types say of themselves.
#   build/site.sh               into artifacts/site
#   build/site.sh --no-build    with the assemblies that are there: the build has made them
# A warning is an error: a link that leads nowhere, a name that no type has. docfx comes from .config/dotnet-tools.json.
set -euo pipefail
cd "$(dirname "$0")/.."

projects=(Store.Client Store.AspNetCore Store.Crdt)
if [ "${1:-}" != --no-build ]; then
  for project in "${projects[@]}"; do dotnet build "src/$project" -c Release -p:RunAnalyzers=false --nologo -v quiet; done
fi

dotnet tool restore --verbosity quiet
rm -rf build/site/obj artifacts/site
dotnet docfx build/site/docfx.json --warningsAsErrors --logLevel warning
echo "in artifacts/site: python3 -m http.server --directory artifacts/site, or any other server of files"
