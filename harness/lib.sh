# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the scripts in harness/ share. Results go to standard output, all else to standard error.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/lastref

say() { printf 'lastref: %s\n' "$*" >&2; }

# die CODE MESSAGE...: 2 the user's input, 3 the lab.
die() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

# Shows how far a step is: one line that changes on a terminal, a line every tenth elsewhere.
# progress WHAT DONE TOTAL
progress() {
  local tenth=$(($2 * 10 / $3))
  if [ -t 2 ]; then
    printf '\rlastref: %s, %d of about %d, %d:%02d ' "$1" "$2" "$3" $((SECONDS / 60)) $((SECONDS % 60)) >&2
  elif [ "$tenth" != "${progress_tenth:-}" ]; then
    progress_tenth=$tenth
    say "$1, $2 of about $3, $((SECONDS / 60)):$(printf %02d $((SECONDS % 60)))"
  fi
}

progress_end() { if [ -t 2 ]; then printf '\n' >&2; fi; }

# Holds the lock of KIND (kernel, rootfs) until this script and whatever it started ends, however
# that is. One of a kind is built at a time, so the half-built entries that lie about are of
# builders that died.
hold_lock() {
  mkdir -p "$cache/$1"
  exec 9>>"$cache/$1/lock"
  if ! flock -n 9; then
    say "$1: another lastref is building one; waiting for it"
    flock -w 5400 9 || die 3 "$1: another lastref was still building one after 90 minutes"
  fi
  rm -rf "$cache/$1"/.building-*
}

# Runs a command in the background, its output going to LOG: bash heeds signals while it waits for
# such a one, not before the end of one in the foreground. start LOG COMMAND..., then finish
builder=
start() {
  "${@:2}" >"$1" 2>&1 &
  builder=$!
}

finish() {
  local status=0
  wait "$builder" || status=$?
  builder=
  return "$status"
}

# Removes FOLDER when the script ends, and before that ends what it started: that would go on
# writing to a folder that is gone.
remove_at_exit() {
  doomed=$1
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

clean_up() {
  if [ -n "$builder" ] && kill "$builder" 2>/dev/null; then
    wait "$builder" || true
  fi
  rm -rf "$doomed"
}

# need_space FOLDER MIB
need_space() {
  local free
  free=$(df --output=avail -m "$1" | tail -n 1)
  [ "$free" -ge "$2" ] || die 3 "$1 has $free MiB free, $2 are needed; free some, or point XDG_CACHE_HOME elsewhere"
}

need() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null || die 3 "$tool is missing; harness/setup --all installs it"
  done
}

# packages [--all]: the names in harness/packages, without --all but for those for tests.
packages() {
  awk -v all="${1-}" '/^# For tests/ && all == "" { exit } { sub(/#.*/, "") } NF { print $1 }' \
    "$(dirname "${BASH_SOURCE[0]}")/packages"
}

# Makes an apt of its own for arm64 in FOLDER: the machine's sources, keys and proxies, but none of
# its state and none of the hooks that distributions hang on an update. Leaves its command in the
# array apt, which is to be called in FOLDER/debs. foreign_apt FOLDER
foreign_apt() {
  mkdir -p "$1/apt/lists/partial" "$1/apt/cache/archives/partial"
  : >"$1/apt/status"
  {
    apt-config dump | grep -Ev '^(APT::Architecture|APT::Update::|DPkg::|Dir::(State|Cache))'
    cat <<EOF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::State::Lists "$1/apt/lists";
Dir::State::status "$1/apt/status";
Dir::Cache "$1/apt/cache";
EOF
  } >"$1/apt.conf"
  apt=(env -C "$1/debs" APT_CONFIG="$1/apt.conf" apt-get -q)
}
