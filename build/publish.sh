#!/usr/bin/env bash
# Makes what is installed without a build: archives for the four systems, the dotnet tool, and the packages that applications reference.
#   build/publish.sh                     all of them, into artifacts/
#   build/publish.sh linux-x64           only archives for the systems that are named
#   build/publish.sh tool                only the tool
#   build/publish.sh packages            only Gossipdb.Client, .AspNetCore, .Crdt, .Testing
# An archive holds the program in one file that brings its own .NET, compiled ahead of time, SQLite's library beside it, and what an
# operator needs: the reference of the settings, the unit of systemd, the licence. SHA256SUMS names all that lies in artifacts/.
set -euo pipefail
cd "$(dirname "$0")/.."

artifacts=${ARTIFACTS:-artifacts}
mkdir -p "$artifacts"
artifacts=$(cd "$artifacts" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(dotnet msbuild src/Store.Node -getProperty:Version)

archive() {
  local rid=$1 name="gossipdb-$version-$1"
  local out="$work/$rid" into="$work/$name"
  echo "== $name"

  # The libraries are built for the framework of the archive alone: .NET 8 would ask for a runtime of that system of its own.
  dotnet publish src/Store.Node -c Release -r "$rid" -p:Archive=true -p:TargetFrameworks=net10.0 -p:RunAnalyzers=false \
    --nologo -v quiet -o "$out"
  mkdir -p "$into"

  # The program and SQLite's library, and nothing else of what a publish leaves.
  for file in "$out"/gossipdb "$out"/gossipdb.exe "$out"/*e_sqlite3*; do [ -f "$file" ] && cp "$file" "$into/"; done
  cp LICENSE README.md hocon/reference.conf "$into/"
  case "$rid" in
    linux-*) mkdir -p "$into/systemd" && cp deploy/systemd/* "$into/systemd/" ;;
  esac
  case "$rid" in
    win-*) (cd "$work" && python3 -m zipfile -c "$artifacts/$name.zip" "$name") ;;
    *) tar -C "$work" --owner=0 --group=0 --numeric-owner --sort=name -czf "$artifacts/$name.tar.gz" "$name" ;;
  esac
  rm -rf "$out" "$into"
}

tool() {
  echo "== the dotnet tool"
  dotnet pack src/Store.Node -c Release -p:RunAnalyzers=false -p:ContinuousIntegrationBuild=true --nologo -v quiet -o "$artifacts"
}

# The node in Gossipdb.Testing runs everywhere. For the systems that most tests run on it is compiled ahead of time besides, and starts in
# half the time.
ahead() {
  local rid file built node=src/Store.Node
  dotnet build "$node" -c Release -p:RunAnalyzers=false --nologo -v quiet
  for rid in linux-x64 osx-arm64 win-x64; do
    dotnet publish "$node" -c Release -r "$rid" --self-contained false -p:RunAnalyzers=false --nologo -v quiet -o "$work/node-$rid"
    mkdir -p "$work/ahead/$rid"
    for file in "$work/node-$rid"/*.dll; do
      built="$node/bin/Release/net10.0/$(basename "$file")"
      if [ -f "$built" ] && [ "$(stat -c %s "$file")" -gt "$(stat -c %s "$built")" ]; then cp "$file" "$work/ahead/$rid/"; fi
    done
    rm -rf "$work/node-$rid"
  done
}

packages() {
  local project
  ahead
  for project in $(grep -l 'Import Project="../Package.props"' src/*/*.csproj ); do
    echo "== $(basename "$project" .csproj)"
    dotnet pack "$project" -c Release -p:RunAnalyzers=false -p:ContinuousIntegrationBuild=true -p:NodeAheadFolder="$work/ahead" \
      --nologo -v quiet -o "$artifacts"
  done
}

if [ $# -eq 0 ]; then set -- tool packages linux-x64 linux-arm64 osx-arm64 win-x64; fi
for what in "$@"; do
  case "$what" in
    tool) tool ;;
    packages) packages ;;
    linux-x64 | linux-arm64 | osx-arm64 | win-x64) archive "$what" ;;
    *) echo "publish.sh: '$what' is none of tool, packages, linux-x64, linux-arm64, osx-arm64, win-x64" >&2; exit 2 ;;
  esac
done
(cd "$artifacts" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | sort | xargs sha256sum > SHA256SUMS)
echo "in $artifacts:"
cat "$artifacts/SHA256SUMS"
