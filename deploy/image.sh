#!/usr/bin/env bash
# image.sh build FOLDER: what the image's first stage does: a release build with the Swift runtime in it, put into
#   FOLDER as the image has it under /usr/local. Runs anywhere with Swift and the development packages.
# image.sh check FOLDER: looks at what was built: that it needs no Swift runtime, what else it needs, and that it runs
#   as somebody who is not root.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  build)
    into=${2:?a folder to put it into}
    swift build -c release --static-swift-stdlib --product popug ${POPUG_BUILD_PATH:+--scratch-path "$POPUG_BUILD_PATH"}
    from=$(swift build -c release --static-swift-stdlib --product popug --show-bin-path \
      ${POPUG_BUILD_PATH:+--scratch-path "$POPUG_BUILD_PATH"})
    install -d "$into/bin"
    install -m 755 "$from/popug" "$into/bin/popug"
    strip "$into/bin/popug"
    install -m 755 deploy/popug-health "$into/bin/popug-health"
    # Resources that could not be compiled in.
    find "$from" -maxdepth 1 -name '*.resources' -exec cp -r {} "$into/bin/" \;
    ;;
  check)
    program=${2:?the folder it was put into}/bin/popug
    if ldd "$program" | grep -q libswift; then
      echo "it needs a Swift runtime:" >&2
      ldd "$program" | grep libswift >&2
      exit 1
    fi
    ldd "$program" | awk '{ print $1 }' | sort
    ls -l "$program" | awk '{ printf "%d MB\n", $5 / 1048576 }'
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    run=("$program")
    if [ "$(id -u)" = 0 ]; then
      chown 10001:10001 "$folder"
      run=(setpriv --reuid=10001 --regid=10001 --clear-groups env -i PATH=/usr/bin:/bin "$program")
    fi
    (cd / && "${run[@]}" version && "${run[@]}" init --demo --data "$folder/data" && "${run[@]}" verify --data "$folder/data")
    ;;
  *)
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
    ;;
esac
