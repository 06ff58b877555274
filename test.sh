#!/usr/bin/env bash
# Checks the format, builds everything, runs every test project one after the other, and ends with one grand total.
#   ./test.sh            all tests
#   ./test.sh Crdt       only the projects whose name contains a word
set -uo pipefail
cd "$(dirname "$0")"

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Whitespace; the build checks the rest of the style.
if [ $# -eq 0 ]; then dotnet format whitespace --folder --verify-no-changes . || { echo "0 passed, 1 failed"; exit 1; }; fi
dotnet build Gossipdb.sln -c Release --nologo -v quiet || { echo "0 passed, 1 failed"; exit 1; }

# One project at a time: the cluster tests need the machine's cores for themselves.
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  case "$name" in *"${1:-}"*) ;; *) continue ;; esac
  echo "== $name"
  dotnet test "$project" -c Release --no-build --nologo --results-directory "$results" \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" || touch "$results/failed"
done

# A test host that crashed leaves no count of what it did not run: it is one failure of its own.
count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
# The report's own count of tests that were not executed is always 0: the skipped ones are those missing between the two others.
passed=$(count passed); failed=$(count failed); skipped=$(($(count total) - $(count executed)))
if [ -e "$results/failed" ] && [ "$failed" -eq 0 ]; then failed=1; fi
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
