# Sourced by elasticsearch/run and opensearch/run: a JDK, jars from Maven Central, one build at a time.
# Needs from its caller: `here` (the recipe's folder). Gives: $cache, die, find_jdk, once.

cache=${TRAILCAR_TEST_CACHE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.cache}

# die CODE TEXT: 69 (EX_UNAVAILABLE) tells the tests that the server can not be had on this machine.
die() { echo "$(basename "$here"): $2" >&2; exit "$1"; }

# version_of HOME: the feature release of a JDK (one with javac and jar), 0 for anything else
version_of() {
  local version=
  if [ -x "$1/bin/javac" ] && [ -x "$1/bin/jar" ] && [ -f "$1/release" ]; then
    version=$(sed -nE 's/^JAVA_VERSION="([0-9]+).*/\1/p' "$1/release")
  fi
  echo "${version:-0}"
}

# jdk_of LEAST: prints the home of the first JDK of that release or a newer one
jdk_of() {
  local home
  for home in "${TRAILCAR_TEST_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [ -n "$home" ] && [ "$(version_of "$home")" -ge "$1" ]; then echo "$home"; return; fi
  done
  return 1
}

# find_jdk LEAST: the same; installs Debian's package where there is one, or else says what to do and ends
find_jdk() {
  jdk_of "$1" && return
  local release as=
  [ "$(id -u)" = 0 ] || as="sudo -n"
  for release in 21 17; do
    [ "$release" -ge "$1" ] && apt-cache show "openjdk-$release-jdk-headless" > /dev/null 2>&1 || continue
    DEBIAN_FRONTEND=noninteractive $as apt-get install -y -q "openjdk-$release-jdk-headless" > /dev/null 2>&1 || true
    jdk_of "$1" && return
  done
  die 69 "no JDK of release $1 or newer (with javac) was found: install one under /usr/lib/jvm, or name it in TRAILCAR_TEST_JAVA_HOME (Debian 13 has the package openjdk-21-jdk-headless)"
}

# once DIR COMMAND…: runs the command with DIR as an empty folder, unless it has already succeeded for these sources
once() {
  local dir=$1 stamp; shift
  stamp=$(cat "${BASH_SOURCE[0]}" "$here/run" "$here/pom.xml" $(find "$here/src" -type f | sort) | sha256sum | cut -c1-16)
  mkdir -p "$(dirname "$dir")"
  exec 9> "$dir.lock"
  flock 9
  if [ ! -e "$dir/.complete-$stamp" ]; then
    command -v mvn > /dev/null || die 69 "mvn was not found: apt-get install maven"
    rm -rf "$dir"; mkdir -p "$dir"
    "$@"
    touch "$dir/.complete-$stamp"
  fi
  exec 9>&-
}

# jars DIR [MAVEN OPTION…]: the recipe's jars from Maven Central
jars() {
  local dir=$1; shift
  mvn -q -B -Dstyle.color=never -f "$here/pom.xml" "$@" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$dir" >&2 || die 69 "Maven Central could not be read (proxy? offline?)"
}
