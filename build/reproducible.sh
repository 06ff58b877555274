#!/usr/bin/env bash
# Shows that a commit gives the same bytes wherever it lies: publishes the last one from two clones, in folders of different depth and with
# different origins, and compares what that makes byte by byte.
#   build/reproducible.sh                       the dotnet tool and the packages
#   build/reproducible.sh linux-x64 packages    whatever build/publish.sh makes
# Where two files differ it says which of their parts do, and leaves both for a look. The SDK, the
# packages that are referenced, and gzip are those of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then set -- tool packages; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for place in one another/and/deeper; do
  git clone --quiet . "$work/$place"
  if [ "$place" != one ]; then git -C "$work/$place" remote set-url origin https://github.com/gossipdb/gossipdb.git; fi
  echo "== in $place"
  # Nothing that a build server remembers of one folder is told to the other.
  ARTIFACTS="$work/made/${place%%/*}" UseSharedCompilation=false MSBUILDDISABLENODEREUSE=1 "$work/$place/build/publish.sh" "$@"
  rm -rf "${work:?}/$place"
done

# The parts of a package or an archive, each with its sum.
parts() {
  python3 - "$1" <<'PYTHON'
import hashlib, sys, tarfile, zipfile
def told(name, mode, made, content): print(hashlib.sha256(content).hexdigest()[:16], oct(mode), made, name)
if sys.argv[1].endswith(".tar.gz"):
    with tarfile.open(sys.argv[1]) as archive:
        for part in archive: told(part.name, part.mode, part.mtime, archive.extractfile(part).read() if part.isfile() else b"")
else:
    with zipfile.ZipFile(sys.argv[1]) as archive:
        for part in archive.infolist(): told(part.filename, part.external_attr, part.date_time, archive.read(part))
PYTHON
}

cd "$work/made"
if diff <(cd one && find . -type f | sort) <(cd another && find . -type f | sort) && diff -rq one another; then
  echo "the same bytes, in all files: $(find one -type f ! -name SHA256SUMS | wc -l)"
  exit 0
fi
for file in one/*; do
  other="another/${file#one/}"
  case "$file" in
    *pkg | *.zip | *.tar.gz)
      if [ -f "$other" ] && ! cmp -s "$file" "$other"; then
        echo "== ${file#one/}"
        diff <(parts "$file") <(parts "$other") || true
      fi
      ;;
  esac
done
trap - EXIT
echo "reproducible.sh: two builds of the same commit differ; both are in $work/made" >&2
exit 1
