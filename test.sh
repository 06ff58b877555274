#!/usr/bin/env bash
# Checks the format, builds everything, runs every test project, and ends with one grand total.
#   ./test.sh            all tests
#   ./test.sh Crdt       only the projects whose name contains a word
set -uo pipefail
cd "$(dirname "$0")"

results=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$results"' EXIT

# Whitespace; the build checks the rest of the style.
if [ $# -eq 0 ]; then dotnet format whitespace --folder --verify-no-changes . || { echo "0 passed, 1 failed"; exit 1; }; fi
dotnet build Gossipdb.sln -c Release --nologo -v quiet || { echo "0 passed, 1 failed"; exit 1; }

# Tests start nodes some hundred times. What is published is compiled ahead of time: it starts in half the processor time.
ahead() {
  dotnet publish src/Store.Node -c Release --use-current-runtime --self-contained false -p:RunAnalyzers=false --nologo -v quiet \
    -o "$results/node" &&
    export GOSSIPDB_TESTING_NODE="$results/node/gossipdb"
}
for starts in Cluster Dashboard Testing; do
  case "Store.$starts.Tests" in *"${1:-}"*) ahead || { echo "0 passed, 1 failed"; exit 1; }; break ;; esac
done

run() {
  echo "== $1"
  dotnet test "tests/$1/$1.csproj" -c Release --no-build --nologo --results-directory "$results" \
    --logger "trx;LogFileName=$1.trx" --logger "console;verbosity=minimal" || touch "$results/failed"
}

# The cluster tests need the machine's cores for themselves. Those of the node wait for most of their time, and run beside all others.
alone=Store.Cluster.Tests; waits=Store.Node.Tests; others=()
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  case "$name" in *"${1:-}"*) ;; *) continue ;; esac
  case "$name" in "$alone" | "$waits") touch "$results/$name.wanted" ;; *) others+=("$name") ;; esac
done
if [ -e "$results/$alone.wanted" ]; then run "$alone"; fi
if [ -e "$results/$waits.wanted" ]; then run "$waits" >"$results/$waits.log" 2>&1 & fi
for name in "${others[@]}"; do run "$name"; done
wait
cat "$results/$waits.log" 2>/dev/null

# A test host that crashed leaves no count of what it did not run: it is one failure of its own.
count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
# The report's own count of tests that were not executed is always 0: the skipped ones are those missing between the two others.
passed=$(count passed); failed=$(count failed); skipped=$(($(count total) - $(count executed)))
if [ -e "$results/failed" ] && [ "$failed" -eq 0 ]; then failed=1; fi
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
