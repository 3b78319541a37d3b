#!/usr/bin/env bash
# Spring Boot 3 on Java 17, one jar with everything in it.
source "$(dirname "$0")/../lib.sh"
install_missing mvn=maven javac=openjdk-17-jdk-headless

package() {
  local target
  target=$(dirname "$out")/.built/$app
  mvn --batch-mode --quiet -DskipTests -Dtarget="$target" package
  cp "$target/app.jar" "$out/app.jar"
}

copy bootstrap
once app.jar pom.xml $(find src -type f | sort) -- package
echo "$app: $out"
