#!/usr/bin/env bash
# Makes what is installed without a build: archives for the four systems, the dotnet tool, and the packages that applications reference.
#   build/publish.sh                     all of them, into artifacts/
#   build/publish.sh linux-x64           only archives for the systems that are named
#   build/publish.sh tool                only the tool
#   build/publish.sh packages            only Gossipdb.Client, .AspNetCore, .Crdt, .Testing
# An archive holds the program in one file that brings its own .NET, compiled ahead of time, SQLite's library beside it, and what an
# operator needs: the reference of the settings, the unit of systemd, the licences. SHA256SUMS names all that lies in artifacts/.
# The same commit gives the same bytes: build/reproducible.sh. With RunAnalyzers=true in the environment the analyzers run, too.
set -euo pipefail
cd "$(dirname "$0")/.."

# MSBuild takes properties from the environment. All that is packed has the time of the commit, and no path of this machine.
export RunAnalyzers=${RunAnalyzers:-false} ContinuousIntegrationBuild=true
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)}
export SOURCE_DATE_EPOCH

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
  dotnet publish src/Store.Node -c Release -r "$rid" -p:Archive=true -p:TargetFrameworks=net10.0 --nologo -v quiet -o "$out"

  # The program and SQLite's library, and nothing else of what a publish leaves. What was packed before is no part of it.
  mkdir -p "$into"
  for file in "$out"/gossipdb "$out"/gossipdb.exe "$out"/*e_sqlite3*; do [ -f "$file" ] && install -m 755 "$file" "$into/"; done
  install -m 644 LICENSE THIRD-PARTY-NOTICES.txt src/Store.Node/README.md hocon/reference.conf "$into/"
  (cd "$out" && find dotnet -type f -exec install -D -m 644 {} "$into/{}" \;)
  case "$rid" in
    linux-*) install -d -m 755 "$into/systemd" && install -m 644 deploy/systemd/* "$into/systemd/" ;;
  esac
  case "$rid" in
    win-*) zipped "$work" "$name" "$artifacts/$name.zip" ;;
    *)
      tar -C "$work" --owner=0 --group=0 --numeric-owner --mode=go=rX --mtime="@$SOURCE_DATE_EPOCH" --sort=name -c "$name" |
        gzip -n > "$artifacts/$name.tar.gz"
      ;;
  esac
  rm -rf "$out" "$into"
}

# A folder as a zip, without what the machine knows of its files.
zipped() {
  python3 - "$@" <<'PYTHON'
import os, pathlib, sys, time, zipfile
root, name, target = sys.argv[1:]
made = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
    for path in sorted(path for path in pathlib.Path(root, name).rglob("*") if path.is_file()):
        entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), made)
        archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
PYTHON
}

tool() {
  echo "== the dotnet tool"
  dotnet pack src/Store.Node -c Release --nologo -v quiet -o "$artifacts"
}

# The node in Gossipdb.Testing runs everywhere. For the systems that most tests run on it is compiled ahead of time besides, and starts in
# half the time. AHEAD="linux-x64" in the environment names other ones, which is faster.
ahead() {
  local rid file built node=src/Store.Node
  dotnet build "$node" -c Release --nologo -v quiet
  for rid in ${AHEAD-linux-x64 osx-arm64 win-x64}; do
    dotnet publish "$node" -c Release -r "$rid" --self-contained false --nologo -v quiet -o "$work/node-$rid"
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
    dotnet pack "$project" -c Release -p:NodeAheadFolder="$work/ahead" --nologo -v quiet -o "$artifacts"
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
