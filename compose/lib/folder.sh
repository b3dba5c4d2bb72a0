# shellcheck shell=bash disable=SC2154  # root and setting: those who source this have them
# The data folder: made by compose/up, marked as ours, and removed only if it has the mark.

mark=.usage_exporter_demonstration

# need_space DIR MEGABYTES WHAT: DIR need not exist yet.
need_space() {
  local dir=$1 free
  while [[ ! -d $dir ]]; do dir=$(dirname "$dir"); done
  free=$(df -m --output=avail "$dir" | tail -n 1)
  ((free >= $2)) || die "$3 needs $2 MB in $1, and ${free// /} MB are free there" \
    "make room, or take another folder with --data DIR"
}

# claim_data_folder: makes and marks it, or finds the mark.
claim_data_folder() {
  local data=${setting[data]}
  if [[ -d $data && ! -e $data/$mark && -n $(ls -A "$data") ]]; then
    die "$data is not empty and was not made by compose/up" "take another folder with --data DIR"
  fi
  mkdir -p "$data"/{run,logs,bin,secrets} && : >>"$data/$mark" ||
    die "$data can't be written" "take another folder with --data DIR"
  chmod 755 "$data" "$data"/{run,logs,bin}
  chmod 711 "$data/secrets" # each file in it belongs to the one who may read it
}

# check_reachable: once the users of the parts exist.
check_reachable() {
  runuser -u postgres -- test -r "${setting[data]}/$mark" ||
    die "user postgres can't enter ${setting[data]}" \
      "take a folder outside of private homes with --data DIR"
}

remove_data_folder() {
  local data=${setting[data]}
  [[ -e $data/$mark ]] || die "$data was not made by compose/up, so it stays" \
    "if it is the wrong folder: --data DIR"
  rm -rf --one-file-system "$data"
}

# secret NAME [USER]: prints the path of the file with that secret, made at the first call, which
# only root and USER can read; without USER whoever could before.
secret() {
  local file=${setting[data]}/secrets/$1
  [[ -s $file ]] || (umask 077 && openssl rand -hex 16 >"$file")
  [[ -z ${2-} ]] || chown "$2:" "$file"
  echo "$file"
}
