#!/usr/bin/env bash
# Shows that the same sources give the same bytes wherever they lie: builds what is published in two folders, and compares the assemblies
# and packages of one with those of the other, byte by byte.
#   build/reproducible.sh                       the libraries
#   build/reproducible.sh src/Store.Node        any other projects
# What is compared is the last commit, as git has it. A package is compared file by file: the names of its own parts are drawn by lot.
set -euo pipefail
cd "$(dirname "$0")/.."

projects=("$@")
if [ $# -eq 0 ]; then projects=(src/Store.Crdt src/Store.Client src/Store.AspNetCore); fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for place in one another/and/deeper; do
  mkdir -p "$work/$place"
  git archive HEAD | tar -x -C "$work/$place"
  for project in "${projects[@]}"; do
    echo "== $project in $place"
    (cd "$work/$place" && dotnet pack "$project" -c Release -o packed --nologo -v quiet \
      -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false -p:UseSharedCompilation=false -nodeReuse:false)
  done
  (cd "$work/$place/packed" && for package in *nupkg; do
    mkdir "$package.files" && python3 -m zipfile -e "$package" "$package.files" && rm "$package"
    rm -rf "$package.files/package" "$package.files/_rels" "$package.files/[Content_Types].xml"
  done)
done

if diff -r "$work/one/packed" "$work/another/and/deeper/packed"; then
  echo "the same bytes: $(find "$work/one/packed" -type f | wc -l) files, $(find "$work/one/packed" -name '*.dll' | wc -l) of them assemblies"
else
  echo "reproducible.sh: two builds of the same sources differ" >&2
  exit 1
fi
