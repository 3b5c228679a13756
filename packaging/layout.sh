# shellcheck shell=bash
# Sourced by the scripts beside it: what is installed, and where.

# layout PREFIX UNITDIR : lines `MODE SOURCE DESTINATION`, the sources from the top of this tree.
#
# systemd looks for sysusers.d and the journal's catalogue in /usr/lib and /usr/local/lib alone, whatever the prefix.
layout() {
  local prefix=$1 units=$2 lib=/usr/local/lib zsh=site-functions fish=vendor_completions.d
  local share=$prefix/share
  if [[ $prefix == /usr ]]; then lib=/usr/lib zsh=vendor-completions; fi
  local examples=$share/doc/subnet-sd/examples completions=$RELEASE_SCRATCH/completions
  cat <<LAYOUT
755 $RELEASE_SCRATCH/subnet-sd $prefix/bin/subnet-sd
644 systemd/subnet-sd.service $units/subnet-sd.service
644 systemd/subnet-sd.socket $units/subnet-sd.socket
644 systemd/subnet-sd.sysusers.conf $lib/sysusers.d/subnet-sd.conf
644 systemd/subnet-sd.catalog $lib/systemd/catalog/subnet-sd.catalog
644 packaging/man/subnet-sd.1 $share/man/man1/subnet-sd.1
644 packaging/man/subnet-sd.yml.5 $share/man/man5/subnet-sd.yml.5
644 $completions/subnet-sd.bash $share/bash-completion/completions/subnet-sd
644 $completions/subnet-sd.zsh $share/zsh/$zsh/_subnet-sd
644 $completions/subnet-sd.fish $share/fish/$fish/subnet-sd.fish
644 $RELEASE_SCRATCH/NOTICE $share/doc/subnet-sd/NOTICE
644 systemd/examples/etc-prometheus.conf $examples/systemd/etc-prometheus.conf
644 systemd/examples/root-directory.conf $examples/systemd/root-directory.conf
644 systemd/examples/syn-sweep.conf $examples/systemd/syn-sweep.conf
644 packaging/prometheus/prometheus.example.yml $examples/prometheus/prometheus.example.yml
644 packaging/prometheus/subnet-sd.rules.yml $examples/prometheus/subnet-sd.rules.yml
644 packaging/grafana/fleet.json $examples/grafana/fleet.json
644 packaging/grafana/subnet-sd.json $examples/grafana/subnet-sd.json
LAYOUT
}

# The configuration, which is the administrator's once it is there.
# shellcheck disable=SC2034 # used by whoever sources this
CONFIGURATION=/etc/subnet-sd/config.yml

# unitdir PREFIX : where systemd finds the units.
unitdir() {
  if [[ $1 == /usr ]]; then echo /usr/lib/systemd/system; else echo /usr/local/lib/systemd/system; fi
}

# absolute NAME VALUE : prints the value without a slash at its end, fails where it is no absolute path, or one that units
# would have to quote.
absolute() {
  [[ $2 == /* ]] || fail "$1 takes an absolute path, not '$2'"
  [[ $2 != *[!A-Za-z0-9/._+~-]* ]] || fail "$1 takes a path of letters, digits and / . _ + ~ -, not '$2'"
  [[ ${2%/} ]] || fail "$1 takes another directory than /"
  printf '%s\n' "${2%/}"
}

# usable NAME PREFIX : as absolute, and where the unit's sandbox lets a program be found.
usable() {
  case $2/ in
    /home/* | /root/* | /run/* | /tmp/* | /var/tmp/*) fail "$1 takes a place that the unit can see, not '$2'" ;;
  esac
  absolute "$@"
}

# Whether dpkg has files of the package in place, be it half of them.
has_package() {
  local status
  status=$(dpkg-query -W -f='${db:Status-Status}' subnet-sd 2>/dev/null) || return 1
  [[ $status != not-installed && $status != config-files ]]
}

# Only where systemd runs, and only for the system itself.
has_systemd() { [[ -z $destdir && -d /run/systemd/system ]]; }
