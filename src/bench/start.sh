# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For run and compare, which source it: start CLASS ARGUMENT.. builds what is missing or older than its sources and
# becomes that class. Java is $JAVA_HOME's, or the one on the PATH; the same JDK builds and runs.
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd -- "$here/../.." && pwd)
name=$(basename -- "$0")
jar=$here/target/bench.jar
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if ! command -v -- "$java" >/dev/null; then
  echo "$name: no java at $java; set JAVA_HOME to a JDK, 17 or newer" >&2
  exit 2
fi
# Of the java that will run, not of the one that Maven would take by itself.
settings=$("$java" -XshowSettings:properties -version 2>&1)
home=$(sed -n 's/^ *java\.home = //p' <<<"$settings")
feature=$(sed -n 's/^ *java\.specification\.version = //p' <<<"$settings")

is_up_to_date() {
  [[ -f $jar ]] || return 1
  local sources=("$root/pom.xml" "$root"/{native-shim,core,src/bench}/{pom.xml,src/main})
  [[ -z $(find "${sources[@]}" -type f -newer "$jar" -print -quit) ]] || return 1
  # A jar that an older JDK built lacks what this one can run. Names in a jar are not compressed.
  ((feature < 22)) || grep -q FfmFutexSyscalls "$here"/target/lib/jfutex-native-shim-*.jar
}

start() {
  if ! is_up_to_date; then
    echo "$name: building with the JDK in $home" >&2
    if ! (
      cd -- "$root"
      JAVA_HOME=$home mvn -q -B -pl src/bench -am -DskipTests -Dspotless.check.skip -Dcheckstyle.skip \
        -Dmaven.javadoc.skip -Dmaven.source.skip package
    ) >&2; then
      echo "$name: the build failed" >&2
      exit 2
    fi
    touch -- "$jar"
  fi
  local flags=("-Djfutex.bench.commit=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)")
  if ((feature >= 22)); then
    flags+=(--enable-native-access=ALL-UNNAMED)
  fi
  exec "$java" "${flags[@]}" -cp "$jar" "org.jfutex.bench.$1" "${@:2}"
}
