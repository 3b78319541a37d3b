# Shared by the scripts: say what is done, install what is missing. Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "this needs root and there is no sudo: run it as root"
  fi
}

# install_missing COMMAND=PACKAGE ...: installs the Debian packages whose command is not there.
install_missing() {
  local pair packages=()
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
  done
  [ ${#packages[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "missing: ${packages[*]} (no apt-get here: install them with this system's package tool)"
  say "installing ${packages[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

# Builds the web console into console/dist, from where a build of funcd takes it. Without a Node.js that can do it, the binary has a
# page in its place that says so; a build that fails is no such case.
build_console() {
  local status=0
  say "building the web console"
  console/build.sh || status=$?
  case $status in
    0) ;;
    3) say "going on without the web console (see above)" ;;
    *) fail "the web console cannot be built (see above)" ;;
  esac
}

# What a build needs; Rust itself comes from rustup, which has its own place.
build_tools() {
  command -v cargo >/dev/null || PATH="$HOME/.cargo/bin:$PATH"
  command -v cargo >/dev/null || fail "Rust is missing: install it with rustup (https://rustup.rs), then run this again"
  install_missing cc=build-essential curl=curl nft=nftables tar=tar xz=xz-utils
}
