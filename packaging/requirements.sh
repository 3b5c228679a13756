# shellcheck shell=bash
# Sourced by the scripts beside it: what they need from Debian, and how they get it.

# Swift's compiler and package manager, and the libraries the program is linked with.
# shellcheck disable=SC2034 # used by whoever sources this
BUILD_PACKAGES=(
  binutils ca-certificates git libc6-dev libcurl4 libncurses6 libsqlite3-0 libstdc++-12-dev libxml2
  pkg-config libcrypt-dev libsystemd-dev libyaml-dev
)
# Beside those, what makes the Debian package.
# shellcheck disable=SC2034
DEB_PACKAGES=(debhelper dpkg-dev)
# Everything else that the tests run: see Tests/Lab/README.md.
# shellcheck disable=SC2034
TEST_PACKAGES=(
  python3 shellcheck iproute2 nftables procps util-linux mount e2fsprogs openssl strace curl time
  debhelper dpkg-dev lintian mandoc debootstrap systemd-container chromium chromium-driver fonts-dejavu-core
)

# What Tests/Lab starts of other people's, with the libraries of haproxy and CUPS that not every machine has: unpacked only,
# 136 MB.
# shellcheck disable=SC2034
CATALOGUE_PACKAGES=(
  prometheus-alertmanager prometheus-apache-exporter prometheus-bind-exporter prometheus-blackbox-exporter
  prometheus-elasticsearch-exporter prometheus-exporter-exporter prometheus-frr-exporter prometheus-hacluster-exporter
  prometheus-haproxy-exporter prometheus-homeplug-exporter prometheus-ipmi-exporter prometheus-mqtt-exporter
  prometheus-mysqld-exporter prometheus-nextcloud-exporter prometheus-nginx-exporter prometheus-postfix-exporter
  prometheus-postgres-exporter prometheus-process-exporter prometheus-pushgateway prometheus-redis-exporter
  prometheus-smokeping-prober prometheus-snmp-exporter prometheus-sql-exporter prometheus-squid-exporter
  prometheus-varnish-exporter caddy etcd-server mtail victoria-metrics
  haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1
  cups-daemon libcups2 libpaper1 libavahi-client3 libavahi-common3 libdbus-1-3
)

# How the release is built. All symbols are bound at start, and their table is read-only from then on (-z now). Nobody links
# with the program, so what it need not export is left out, equal functions are there once, and relocations are packed, for
# which lld is needed: 3.4 MiB of 25.7.
# shellcheck disable=SC2034
RELEASE_SCRATCH=.build-release
# shellcheck disable=SC2034
RELEASE_FLAGS=(-c release --static-swift-stdlib --scratch-path "$RELEASE_SCRATCH" -Xswiftc -use-ld=lld
  -Xlinker -z -Xlinker now -Xlinker -z -Xlinker pack-relative-relocs
  -Xlinker --no-export-dynamic -Xlinker --gc-sections -Xlinker --icf=safe)

# Where a plain su leaves them out.
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "${0##*/}: $*"
  exit 1
}

missing_packages() {
  local package
  for package; do
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] || printf '%s\n' "$package"
  done
}

# Installs those that are missing; says which. A plain user is told what to install.
require_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    say "these Debian packages are missing: ${missing[*]}"
    say "install them as root: apt-get install --no-install-recommends ${missing[*]}"
    return 1
  fi
  say "installing: ${missing[*]}"
  update_lists
  apt_get install -y --no-install-recommends "${missing[@]}"
}

apt_get() {
  local log
  log=$(mktemp)
  if ! DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get $1 failed"
  fi
  rm -f "$log"
}

# Once a run, and only if something is to be fetched.
update_lists() {
  [[ -n ${lists_updated-} ]] && return
  apt_get update
  lists_updated=yes
}

# fetch_unpacked FOLDER PACKAGE... : unpacks Debian packages in a folder; nothing is installed and nothing is started.
fetch_unpacked() {
  local folder=$1 package downloads
  shift
  for package; do
    [[ -e $folder/.$package ]] && continue
    say "fetching $package, to be unpacked in ${folder#"$PWD"/}, not installed"
    downloads=$(mktemp -d)
    ((EUID == 0)) && chown _apt "$downloads" && update_lists
    if ! (cd "$downloads" && apt-get -q download "$package") >"$downloads/log" 2>&1; then
      cat "$downloads/log" >&2
      rm -rf "$downloads"
      say "cannot download $package; as root: apt-get update, or apt-get install $package"
      return 1
    fi
    mkdir -p "$folder"
    dpkg-deb -x "$downloads"/*.deb "$folder"
    touch "$folder/.$package"
    rm -rf "$downloads"
  done
}

# Puts swift on PATH; whether there is one.
has_swift() {
  command -v swift >/dev/null || PATH=$PATH:/opt/swift/usr/bin:/usr/share/swift/usr/bin
  command -v swift >/dev/null
}

require_swift() {
  has_swift || fail "no swift found, neither on PATH nor in /opt/swift/usr/bin;" \
    "install Swift 6.2 or later from https://www.swift.org/install/linux/"
}

# The newest GCC's, of those that are there.
cxx_archive() {
  local archives
  mapfile -t archives < <(printf '%s\n' "/usr/lib/gcc/$(uname -m)-linux-gnu"/*/libstdc++.a | sort -V)
  [[ -e ${archives[-1]} ]] || fail "no libstdc++.a found; install libstdc++-12-dev"
  printf '%s\n' "${archives[-1]}"
}

source_version() { sed -n 's/^package let version = "\(.*\)"$/\1/p' Sources/Daemon/Version.swift; }
