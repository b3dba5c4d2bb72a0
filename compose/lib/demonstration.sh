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
# shellcheck source=compose/lib/look.sh
source "$root/compose/lib/look.sh"

# only_root COMMAND: parts run as users of their own, and only root may start and stop those.
only_root() {
  [[ $(id -u) == 0 ]] || die "$1 needs root: the parts run as the users postgres, freerad and prometheus" \
    "sudo $1"
}

# alone COMMAND ARGUMENT…: runs the script once more, with the folder locked against another one.
# The lock is not inherited by what that starts.
alone() {
  [[ -z ${USAGE_LOCKED-} ]] || return 0
  USAGE_LOCKED=1 flock -n -o -E 75 "${setting[data]}/lock" "$@"
  local status=$?
  ((status != 75)) || die "another compose command works in ${setting[data]}" "wait until it has ended"
  exit "$status"
}
