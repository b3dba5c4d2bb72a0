# shellcheck shell=bash
# Processes that this demonstration starts, and only those. A pid file holds the pid and
# the process's start time (field 22 of /proc/PID/stat, in clock ticks since boot): a pid that
# the kernel has given to somebody else since has another start time, and is never signalled.

# process_start_time PID: prints the start time, or fails when there is no such process.
process_start_time() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # The command's name, in parentheses, may hold blanks and parentheses: cut up to the last one.
  stat=${stat##*) }
  # shellcheck disable=SC2086  # split into words on purpose
  set -- $stat
  [[ $1 != Z ]] && echo "${20}"
}

# process_running PIDFILE: prints the pid if the process that was started is alive.
process_running() {
  local pid started
  [[ -r $1 ]] && read -r pid started <"$1" || return 1
  [[ -n $started && $(process_start_time "$pid") == "$started" ]] && echo "$pid"
}

# process_start PIDFILE LOG USER COMMAND…: starts it in a session of its own, so that Ctrl-C
# in the terminal does not reach it, and without file 9, the lock of compose/up. USER "" or one's own: without changing the user.
process_start() {
  local pidfile=$1 log=$2 user=$3 pid
  shift 3
  local as=()
  if [[ -n $user && $(id -u) == 0 && $user != root ]]; then
    as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups --)
  fi
  setsid "${as[@]}" "$@" >>"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  disown "$pid"
  echo "$pid $(process_start_time "$pid")" >"$pidfile"
}

# process_stop PIDFILE [SIGNAL] [SECONDS]: SIGTERM by default, SIGKILL when it is still there
# after that many seconds (30). Success when it is gone.
process_stop() {
  local pid deadline=$((SECONDS + ${3:-30}))
  if pid=$(process_running "$1"); then
    kill -s "${2:-TERM}" "$pid" 2>/dev/null
    while process_running "$1" >/dev/null && ((SECONDS < deadline)); do sleep 0.1; done
    if process_running "$1" >/dev/null; then
      kill -s KILL "$pid" 2>/dev/null
      sleep 0.2
    fi
  fi
  rm -f "$1"
}
