#!/usr/bin/env bash
# The programs that the tests use and pip does not bring: compilers, an emulator, simulators. As root on Debian or Ubuntu they
# are installed; elsewhere the missing ones are named, and the tests that need them skip with a reason (or fail where CI=true).
set -euo pipefail

declare -A package_of=(
  [gcc]=gcc [g++]=g++ [make]=make [perl]=perl [clang]=clang [cmake]=cmake
  [arm-none-eabi-gcc]=gcc-arm-none-eabi [qemu-system-arm]=qemu-system-arm [iverilog]=iverilog
)

missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "not installed: ${missing[*]} (on Debian or Ubuntu: apt install ${missing[*]}); tests that need them skip"
fi
