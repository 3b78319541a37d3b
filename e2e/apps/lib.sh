# Shared by the applications' build.sh: where an application is built to, and how its tools and dependencies are found.
# Sourced, not run; the caller then stands in its own folder. Sets:
#   app   the name of the application, its folder here
#   out   where it is built: ${OUT:-target/apps}/$app, absolute; the folder is made, and is what `funcd deploy` takes
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
source "$(dirname "${BASH_SOURCE[0]}")/../../script/lib.sh" # moves to the root of the repository
app=$(basename "$here")
mkdir -p "${OUT:-target/apps}/$app"
out=$(cd "${OUT:-target/apps}/$app" && pwd)
cd "$here"

# Copies these files or folders of the application, bootstrap included, and makes bootstrap executable.
copy() {
  rm -rf "${@/#/$out/}"
  cp -r "$@" "$out/"
  [ ! -f "$out/bootstrap" ] || chmod 755 "$out/bootstrap"
}

# once PRODUCT FILE... -- COMMAND...: runs a step that makes PRODUCT in $out from these files of the application, unless PRODUCT was
# made from exactly them.
once() {
  local product=$1 files=(build.sh ../lib.sh) mark now
  shift
  while [ "$1" != -- ]; do files+=("$1"); shift; done
  shift
  mark=$(dirname "$out")/.built/$app-$product
  now=$(cat "${files[@]}" | sha256sum)
  if [ -e "$out/$product" ] && [ "$(cat "$mark" 2>/dev/null)" = "$now" ]; then
    echo "$app: $product is up to date"
    return
  fi
  say "$app: making $product"
  mkdir -p "$(dirname "$mark")"
  rm -f "$mark"
  "$@"
  echo "$now" >"$mark"
}

# node_modules exactly as package-lock.json says, without development dependencies.
npm_install() {
  install_missing node=nodejs npm=npm
  copy package.json package-lock.json
  (cd "$out" && npm ci --omit=dev --no-audit --no-fund --loglevel=error)
}

# python_of 3.9: an interpreter of exactly that version, from PATH, pyenv or Debian; nothing when there is none.
python_of() {
  local version=$1 candidate
  for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/"python$version" "/usr/bin/python$version"; do
    if "$candidate" -c 'import sys' >/dev/null 2>&1; then echo "$candidate"; return; fi
  done
  if command -v apt-get >/dev/null && apt-cache show "python$version" >/dev/null 2>&1; then
    install_missing "python$version=python$version" >&2 && echo "python$version"
  fi
}

# pip_install 3.9: what requirements.txt says, for that version, into site-packages beside the code.
pip_install() {
  local version=$1 python pip=(python3 -m pip)
  python=$(python_of "$version")
  local into=(install --quiet --disable-pip-version-check --root-user-action=ignore --no-warn-script-location
    --upgrade --no-compile --no-deps --target "$out/site-packages" -r requirements.txt)
  rm -rf "$out/site-packages"
  if [ -n "$python" ] && "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m pip "${into[@]}"
  else
    # Without that interpreter: the wheels that are made for it.
    install_missing python3=python3
    python3 -m pip --version >/dev/null 2>&1 || pip=(as_root_pip)
    "${pip[@]}" "${into[@]}" --python-version "$version" --implementation cp --only-binary=:all: \
      --platform "manylinux_2_28_$(uname -m)" --platform "manylinux2014_$(uname -m)"
  fi
  rm -rf "$out/site-packages/bin"
}

as_root_pip() {
  as_root apt-get install -y -qq --no-install-recommends python3-pip >/dev/null
  python3 -m pip "$@"
}

# compile_python 3.9: byte code beside the code, which is read-only when it runs. `unchecked-hash`, because unzipping changes
# times; with the paths that it has in an instance.
compile_python() {
  local python
  python=$(python_of "$1")
  if [ -z "$python" ]; then
    echo "$app: no Python $1 here: the package has no byte code and starts slower"
    return
  fi
  "$python" -m compileall -q -f --invalidation-mode unchecked-hash -s "$out" -p /opt/function/code "$out" >/dev/null || true
}
