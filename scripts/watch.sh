# shellcheck shell=bash
# How test.sh watches what it runs: ends what hangs, and says what it was at. To be sourced; POPUG_TEST_RUN has to be set.

# within MINUTES COMMAND…: ends it after so long, with status 124. In the foreground, where Ctrl-C reaches it; what it
# has started itself is ended at the end.
within() {
  local minutes=$1
  shift
  timeout --foreground --kill-after=20 "${minutes}m" "$@"
}

# standing: the tests' processes, their threads, and where these stand.
standing() {
  local each thread
  for each in $(ours); do
    printf '%s %s\n' "$each" "$(tr '\0' ' ' <"/proc/$each/cmdline" | cut -c 1-160)"
    for thread in /proc/"$each"/task/*; do
      printf '    %s %s %s\n' "$(cat "$thread/comm")" "$(cat "$thread/wchan")" "$(cut -c 1-40 "$thread/syscall")"
    done
  done
}

# ours: the numbers of the processes that this run has started: whoever has its POPUG_TEST_RUN.
ours() {
  local each
  for each in /proc/[0-9]*; do
    if tr '\0' '\n' <"$each/environ" | grep -qxF "POPUG_TEST_RUN=$POPUG_TEST_RUN"; then echo "${each#/proc/}"; fi
  done
} 2>/dev/null

# unended LOG: the tests that began and did not end.
unended() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    / Test (case|run) / { next }
    / Test .* started\.$/ { sub(/^.* Test /, ""); sub(/ started\.$/, ""); open[$0] = 1 }
    / Test .* (passed|failed) after / { sub(/^.* Test /, ""); sub(/ (passed|failed) after .*$/, ""); delete open[$0] }
    END { for (test in open) print "  " test }'
}

# shown: of what comes in, what a reader of this output wants.
shown() {
  if [ -t 1 ]; then cat; else grep --line-buffered -E '^.{1,3} (Suite .* (passed|failed)|Test run with)|recorded an issue|^(Sweep|Cluster): ' || true; fi
}
