# shellcheck shell=bash disable=SC2154  # root and setting: those who source this have them
# Everything that compose/up, down, status and verify share. They have set $root.
# shellcheck source=tests/lib/say
source "$root/tests/lib/say"
# shellcheck source=tests/lib/packages
source "$root/tests/lib/packages"
# shellcheck source=tests/lib/install
source "$root/tests/lib/install"
# shellcheck source=compose/lib/process.sh
source "$root/compose/lib/process.sh"
# shellcheck source=compose/lib/ports.sh
source "$root/compose/lib/ports.sh"
# shellcheck source=compose/lib/settings.sh
source "$root/compose/lib/settings.sh"
# shellcheck source=compose/lib/folder.sh
source "$root/compose/lib/folder.sh"
# shellcheck source=compose/lib/parts.sh
source "$root/compose/lib/parts.sh"
# shellcheck source=compose/lib/alerts.sh
source "$root/compose/lib/alerts.sh"
# shellcheck source=compose/lib/grafana.sh
source "$root/compose/lib/grafana.sh"
# shellcheck source=compose/lib/look.sh
source "$root/compose/lib/look.sh"

# only_root COMMAND: parts run as users of their own, and only root may start and stop those.
only_root() {
  [[ $(id -u) == 0 ]] || die "$1 needs root: the parts run as the users postgres, freerad and prometheus" \
    "sudo $1"
}

# work_alone: keeps other compose commands off the folder until this script ends. Who outlives
# the script must not have file 9.
work_alone() {
  exec 9>"${setting[data]}/lock"
  flock -n 9 || die "another compose command works in ${setting[data]}" "wait until it has ended"
}
