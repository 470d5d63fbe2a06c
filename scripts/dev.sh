#!/bin/sh
# The one entry for every task: scripts/dev.sh TASK [ARGS...]
#
# Brings what the task needs (the pinned Deno into .tools/, Debian packages through apt), reads the
# task's command from deno.json and becomes it. It does not go through `deno task`: that would stay
# as a parent, hold 27 MB, and pass a Ctrl-C on a terminal to the program twice.
#
# Exit codes of its own: 1 failed, 2 wrong usage, 3 a part of the system is missing.
set -eu

deno_version=2.7.11
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
tools=$root/.tools
deno=$tools/deno-$deno_version/deno

# A plain user's PATH on Debian lacks the folders of dnsmasq, ip and ldconfig.
PATH=$PATH:/usr/sbin:/sbin
export PATH

say() {
  printf 'dev.sh: %s\n' "$*" >&2
}

# die CODE MESSAGE
die() {
  code=$1
  shift
  say "$*"
  exit "$code"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# What apt says goes to .tools/apt.log. It waits for another apt, such as the one that brings a
# freshly started Pi up to date.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o APT::Install-Recommends=false -o DPkg::Lock::Timeout=120 "$@" \
    >"$tools/apt.log" 2>&1 </dev/null
}

# apt_install PACKAGE...: when it fails, $why says why.
apt_install() {
  if ! has apt-get; then
    why='there is no apt-get here'
    return 1
  fi
  if [ "$(id -u)" -ne 0 ] && ! has sudo; then
    why='that needs root'
    return 1
  fi
  say "installing $* ..."
  mkdir -p "$tools"
  # A fresh system has no package lists yet.
  apt_get install "$@" || { apt_get update && apt_get install "$@"; } || {
    why=$(grep '^E:' "$tools/apt.log" || cat "$tools/apt.log")
    why=$(printf '%s\n' "$why" | tail -n 1)
    return 1
  }
}

# Every task of deno.json on a line: name, tab, description, tab, command. Reads the layout that
# `deno fmt` gives the file; a command is one program and plain words, with no quotes among them.
list_tasks() {
  awk -F '"' '
    /^  "tasks": {/ { inside = 1; next }
    /^  }/ { inside = 0 }
    inside && /^    "/ { name = $2 }
    inside && $2 == "description" { description = $4 }
    inside && $2 == "command" { print name "\t" description "\t" $4 }
  ' "$root/deno.json"
}

usage() {
  printf 'usage: scripts/dev.sh TASK [ARGS...]\n\ntasks:\n'
  list_tasks | awk -F '\t' '{ printf "  %-12s %s\n", $1, $2 }'
}

# Sets what depends on the machine. The loader that Deno's binary asks for tells more than `uname`:
# it is absent on musl, and on a 32-bit system under a 64-bit kernel.
know_machine() {
  case $(uname -sm) in
    'Linux x86_64')
      arch=x86_64
      loader=/lib64/ld-linux-x86-64.so.2
      package=@deno/linux-x64-glibc
      sha256=e518fbc96877fbc2b37820ec54a02e473166cb25a5d4d627ffde37360fd7d210
      ;;
    'Linux aarch64')
      arch=aarch64
      loader=/lib/ld-linux-aarch64.so.1
      package=@deno/linux-arm64-glibc
      sha256= # none: npm has no $package@2.7.11 to take it from, so that the installer brings this one
      ;;
    *) loader= ;;
  esac
  [ -e "$loader" ] ||
    die 3 "this system ($(uname -sm)) cannot run Deno: it needs 64-bit Linux with glibc on" \
      "x86_64 or aarch64. Use a 64-bit Debian or Raspberry Pi OS"
}

# Both ways leave the binary at $scratch/deno, and say in $checked what has checked it.
deno_from_npm() {
  has npm || return 1
  (
    cd "$scratch" &&
      npm pack --loglevel=error "$package@$deno_version" &&
      tar -xzf ./*.tgz &&
      mv package/deno deno
  ) >>"$scratch/log" 2>&1 </dev/null || return 1
  checked="npm has compared its package with the registry's own sum, and nothing else has checked it"
}

deno_from_installer() {
  has curl || return 1
  curl -fsSL https://deno.land/install.sh -o "$scratch/install.sh" 2>>"$scratch/log" || return 1
  has unzip || has 7z || apt_install unzip || return 1
  (
    CI=1 DENO_INSTALL=$scratch sh "$scratch/install.sh" "v$deno_version" &&
      mv "$scratch/bin/deno" "$scratch/deno"
  ) >>"$scratch/log" 2>&1 </dev/null || return 1
  checked='it came over TLS from deno.land, and nothing else has checked it'
}

# Ends the script unless $scratch/deno is the binary that is wanted, and runs here. One for which no sum
# is pinned runs, too, but not before that is said.
check_deno() {
  got=$(sha256sum <"$scratch/deno")
  got=${got%% *}
  if [ -z "$sha256" ]; then
    say "no SHA-256 is pinned for Deno on $arch: $checked. This one has $got"
  elif [ "$got" != "$sha256" ]; then
    die 1 "fetching Deno failed: its SHA-256 is $got, not the pinned $sha256." \
      "Look into where it came from before you run this again"
  fi
  chmod 755 "$scratch/deno"
  "$scratch/deno" --version >"$scratch/log" 2>&1 ||
    die 3 "Deno $deno_version does not run here: $(head -n 1 "$scratch/log"). Use a newer Debian"
  grep -q "^deno $deno_version " "$scratch/log" ||
    die 1 "fetching Deno failed: $(head -n 1 "$scratch/log") came instead of $deno_version." \
      "Look into where it came from before you run this again"
}

# The binary appears at its place complete and past check_deno, or not at all.
fetch_deno() {
  has npm || has curl ||
    die 3 "fetching Deno failed: neither npm nor curl is here. Run: sudo apt-get install npm"
  say "fetching Deno $deno_version ..."
  mkdir -p "$tools"
  scratch=$(mktemp -d "$tools/fetch.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  deno_from_npm || deno_from_installer || {
    why=$(grep -E '^(npm (ERR!|error)|curl:|[Ee]rror)' "$scratch/log" |
      grep -vE ' (code|errno|syscall) ' | head -n 1)
    why=${why:-no word why}
    die 1 "fetching Deno failed: ${why%.}. Check the network, then run this again"
  }
  check_deno
  mkdir -p "${deno%/*}"
  mv -f "$scratch/deno" "$deno"
  rm -rf "$scratch"
  trap - EXIT INT TERM
}

# Fetches the packages ahead of the task, once per deno.lock: quietly, and as this user even when the
# task runs as root. What could not be had, the task itself asks for again and reports.
need_packages() {
  ! cmp -s "$root/deno.lock" "$DENO_DIR/deno.lock" || return 0
  say "fetching packages ..."
  {
    "$deno" cache --quiet --frozen .
    cp "$root/deno.lock" "$DENO_DIR/deno.lock"
  } >/dev/null 2>&1 || true
}

need_libpcap() {
  for file in /usr/lib/*-linux-gnu/libpcap.so.0.8; do
    [ ! -e "$file" ] || return 0
  done
  ! ldconfig -p | grep -q 'libpcap\.so\.0\.8 ' || return 0
  # From Debian 13 on the package is libpcap0.8t64, which answers to this name too.
  apt_install libpcap0.8 ||
    die 3 "libpcap is missing and could not be installed: $why." \
      "Run as root: apt-get install libpcap0.8"
}

# need_tools PROGRAM:PACKAGE...: going on without them is for the task to decide.
need_tools() {
  missing=
  for tool in "$@"; do
    has "${tool%:*}" || missing="$missing ${tool#*:}"
  done
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086 # a list of package names
  apt_install $missing ||
    say "could not install$missing: $why. What needs them will not run;" \
      "to have it all, run as root: apt-get install$missing"
}

task=${1-}
case $task in
  -h | --help)
    usage
    exit 0
    ;;
esac
command=$(list_tasks | awk -F '\t' -v task="$task" '$1 == task { print $3 }')
if [ -z "$command" ]; then
  [ -z "$task" ] || say "there is no task '$task'. Choose one of these"
  usage >&2
  exit 2
fi
shift

know_machine
household_tools='ip:iproute2 openssl:openssl unshare:util-linux' # of scripts/household
appliance_tools='mmdebstrap:mmdebstrap systemd-nspawn:systemd-container' # of tests/appliance
arm64_tools='qemu-system-aarch64:qemu-system-arm qemu-aarch64-static:qemu-user-static arch-test:arch-test
  mmdebstrap:mmdebstrap mke2fs:e2fsprogs'
test_tools='lintian:lintian minisign:minisign nft:nftables ping:iputils-ping tc:iproute2 tcpdump:tcpdump tshark:tshark dnsmasq:dnsmasq-base curl:curl faketime:faketime strace:strace udhcpc:udhcpc shellcheck:shellcheck zsh:zsh fish:fish mandoc:mandoc tmux:tmux mosquitto:mosquitto openssl:openssl gcc:gcc'
bench_tools='jq:jq /usr/bin/time:time ndpiReader:libndpi-bin softflowd:softflowd tcpdump:tcpdump tshark:tshark scapy:python3-scapy'
case $task in
  start | demo | test | test:* | bench | bench:micro) need_libpcap ;;
esac
# shellcheck disable=SC2086 # lists of words
case $task in
  demo) need_tools $household_tools ;;
  test:arm64 | test:wifi | test:small) need_tools $arm64_tools ;;
  test:deb) need_tools $household_tools $appliance_tools lintian:lintian ;;
  bench) need_tools $household_tools $bench_tools ;;
  pictures) need_tools tmux:tmux ;;
  bench:micro) ;;
  test:web | pictures:web) need_tools $household_tools chromium:chromium ;;
  test | test:* | bench:*) need_tools $household_tools $test_tools $appliance_tools ;;
esac
export DENO_DIR="$tools/deno-cache"
export DENO_TLS_CA_STORE=mozilla,system
export DENO_NO_UPDATE_CHECK=1
[ -x "$deno" ] || fetch_deno
cd "$root"
need_packages

set -f # the command's words are split, and nothing more
# shellcheck disable=SC2086
set -- ${command#deno } "$@"

if [ "$task" = start ] && [ "$(id -u)" -ne 0 ] && has sudo; then
  say "capturing needs root: going on through sudo"
  # What is compiled now is not compiled by root, and the cache stays this user's.
  "$deno" cache --quiet --frozen main.ts
  # The settings go by name only: a value on sudo's command line, such as the token, shows in `ps`.
  settings=$(env | sed -n 's/^\(WIFILOGGER_[A-Z0-9_]*\)=.*/\1/p' | tr '\n' ',')IPINFO_TOKEN
  exec sudo --preserve-env="$settings" env HOME="$HOME" DENO_DIR="$DENO_DIR" \
    DENO_TLS_CA_STORE="$DENO_TLS_CA_STORE" DENO_NO_UPDATE_CHECK=1 "$deno" "$@"
fi
exec "$deno" "$@"
