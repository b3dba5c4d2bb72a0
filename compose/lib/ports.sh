# shellcheck shell=bash
# Who listens where, from /proc: a bare Debian has neither ss nor lsof.

# listener_inode tcp|udp PORT: prints the socket's inode when something is bound to the port, on
# whatever address. 0A is TCP's LISTEN; UDP has no such state.
listener_inode() {
  local hex fields file
  printf -v hex '%04X' "$2"
  for file in "/proc/net/$1" "/proc/net/${1}6"; do
    [[ -r $file ]] || continue
    while read -r -a fields; do
      [[ ${fields[1]} == *":$hex" ]] || continue
      [[ $1 == udp || ${fields[3]} == 0A ]] && echo "${fields[9]}" && return
    done <"$file"
  done
  return 1
}

# port_owner tcp|udp PORT: succeeds when the port is taken; prints "name (pid N)" as far as known.
port_owner() {
  local inode link pid
  inode=$(listener_inode "$1" "$2") || return 1
  link=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null)
  pid=${link#/proc/}
  pid=${pid%%/*}
  if [[ -n $pid ]]; then echo "$(<"/proc/$pid/comm") (pid $pid)"; else echo "a process unknown here"; fi
}

# free_port: a TCP port that nothing listens on, below the range the kernel gives out by itself.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && listener_inode tcp "$port" >/dev/null; do :; done
  echo "$port"
}
