# shellcheck shell=bash disable=SC2154  # root and setting: those who source this have them
# The parts of the demonstration. A part NAME has start_NAME, which starts its process under
# run/NAME.pid, and ready_NAME, which succeeds once it does its work. In the order in which they
# are started; grafana is one where there is one:
parts=(postgres freeradius exporter prometheus gateway simulator sink alertmanager)

declare -A stop_signal=([postgres]=INT)  # INT is PostgreSQL's "fast": it ends its sessions
declare -A port_of=(
  [postgres]="tcp postgres-port" [freeradius]="udp radius-port"
  [exporter]="tcp exporter-port" [prometheus]="tcp prometheus-port"
  [alertmanager]="tcp alertmanager-port" [sink]="tcp sink-port tcp smtp-port"
  [gateway]="tcp gateway-port tcp gateway-metrics-port" [grafana]="tcp grafana-port"
)
postgres_bin=/usr/lib/postgresql/15/bin

pidfile_of() { echo "${setting[data]}/run/$1.pid"; }
log_of() { echo "${setting[data]}/logs/$1.log"; }
part_running() { process_running "$(pidfile_of "$1")"; }

something_runs() {
  local part
  for part in "${parts[@]}"; do part_running "$part" >/dev/null && return; done
  return 1
}

# launch NAME USER COMMAND…
launch() {
  local part=$1 user=$2
  shift 2
  touch "$(log_of "$part")"
  process_start "$(pidfile_of "$part")" "$(log_of "$part")" "$user" "$@"
}

stop_part() { process_stop "$(pidfile_of "$1")" "${stop_signal[$1]-TERM}"; }

# check_ports: every part that does not run yet must find its ports free.
check_ports() {
  local part
  for part in "${parts[@]}"; do
    # shellcheck disable=SC2086  # pairs of words
    part_running "$part" >/dev/null || check_free "$part" ${port_of[$part]-}
  done
}

# check_free PART [PROTOCOL SETTING]…
check_free() {
  local part=$1 owner
  shift
  while (($#)); do
    if owner=$(lasting_owner "$1" "${setting[$2]}"); then
      die "port ${setting[$2]}/$1, for $part, is taken by $owner" \
        "take another one: --$2 PORT or $(variable_of "$2")=PORT"
    fi
    shift 2
  done
}

# lasting_owner PROTOCOL PORT: the owner, unless it lets go within two seconds: the threads of a
# process that was killed hold its sockets for a while after it is gone.
lasting_owner() {
  local owner tries
  for ((tries = 0; tries < 20; tries++)); do
    owner=$(port_owner "$1" "$2") || return
    sleep 0.1
  done
  echo "$owner"
}

# start_part NAME: starts it unless it runs, and waits until it is ready, 120 s at most.
start_part() {
  local part=$1 pid begin=$SECONDS
  if pid=$(part_running "$part"); then
    printf '%-14s runs already, pid %s\n' "$part" "$pid"
    return
  fi
  started+=("$part") # before it runs: a Ctrl-C right after must end it too
  "start_$part" || part_failed "$part" "could not be started"
  until "ready_$part" >/dev/null 2>&1; do
    part_running "$part" >/dev/null || part_failed "$part" "ended at once"
    ((SECONDS - begin < 120)) || part_failed "$part" "is not ready after 120 s"
    sleep 0.2
  done
  printf '%-14s %4d s  ready, pid %s\n' "$part" "$((SECONDS - begin))" "$(part_running "$part")"
}

part_failed() {
  printf '\nThe last lines of %s:\n' "$(log_of "$1")" >&2
  tail -n 20 "$(log_of "$1")" 2>/dev/null | sed 's/^/    /' >&2
  die "$1 $2" "remove the cause that its log names, then compose/up again"
}

# A database of its own: the system's clusters are not touched.

start_postgres() {
  local data=${setting[data]}/postgres
  local sockets=${setting[data]}/sockets
  install -d -o postgres -m 700 "$data" && install -d -o postgres -m 755 "$sockets" || return
  [[ -e $data/PG_VERSION ]] || make_cluster "$data" "$sockets" || return
  launch postgres postgres "$postgres_bin/postgres" -D "$data" -p "${setting[postgres-port]}"
}

make_cluster() {
  runuser -u postgres -- "$postgres_bin/initdb" -D "$1" -E UTF8 --locale=C.UTF-8 \
    --auth-local=peer --auth-host=scram-sha-256 >>"$(log_of postgres)" 2>&1 || return
  cat >>"$1/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$2'
END
}

ready_postgres() { as_superuser postgres -c 'SELECT 1'; }

# as_superuser DATABASE PSQL-ARGUMENT…: over the socket, where the operating system vouches.
as_superuser() {
  (cd / && runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 -h "${setting[data]}/sockets" \
    -p "${setting[postgres-port]}" "$@")
}

# The tables and roles, in one transaction: all or nothing, so that a second try finds no half.
prepare_database() {
  [[ -z $(as_superuser postgres -At -c "SELECT 1 FROM pg_database WHERE datname = 'billing'") ]] || return 0
  printf '%-14s tables and roles\n' "database"
  if ! fill_database >>"$(log_of database)" 2>&1; then
    as_superuser postgres -c 'DROP DATABASE IF EXISTS billing' >/dev/null 2>&1
    part_failed database "could not be prepared"
  fi
}

fill_database() {
  local role
  as_superuser postgres -c 'CREATE DATABASE billing' || return
  {
    cat "$root/exporter/sim/panel.sql" \
      /etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql
    echo 'CREATE ROLE usage_sim LOGIN; CREATE ROLE radius LOGIN;'
    documented_sql "The reader" user_sessions tenants radacct "The ledger"
    cat "$root/compose/sql/rights.sql"
    for role in usage_reader usage_exporter usage_sim radius; do password_sql "$role"; done
  } | as_superuser billing -1
}

# documented_sql HEADING…: prints the statements under those headings of docs/grants.md, so that
# the exporter here has the rights that are written there and no others.
documented_sql() {
  local heading
  for heading; do
    awk -v heading="$heading" '
      /^#/ { inside = $0 ~ "^#+ " heading "$" }
      /^```/ { code = /sql/; next }
      inside && code' "$root/docs/grants.md"
  done
}

password_sql() { echo "ALTER ROLE $1 PASSWORD '$(<"$(secret "$1.password")")';"; }

# passfile ROLE USER: prints the path of a libpq password file that only root and USER can read.
passfile() {
  local file=${setting[data]}/secrets/$1.pgpass
  (umask 077 && echo "*:*:*:$1:$(<"$(secret "$1.password")")" >"$file") && chown "$2:" "$file"
  echo "$file"
}

# dsn_of ROLE: without the password.
dsn_of() { echo "host=127.0.0.1 port=${setting[postgres-port]} dbname=billing user=$1"; }

start_freeradius() {
  local folder=${setting[data]}/freeradius
  "$root/compose/lib/freeradius" start "$folder" "${setting[radius-port]}" \
    "$(dsn_of radius) password=$(<"$(secret radius.password)")" "$(secret nas.secret root)" \
    >>"$(log_of freeradius)" 2>&1 || return
  ln -sf "$folder/freeradius.pid" "$(pidfile_of freeradius)"
}
ready_freeradius() { part_running freeradius; }

# The exporter runs as Debian's user prometheus, as its other exporters do.

start_exporter() {
  local folder=${setting[data]}/exporter
  install -d "$folder" && ensure_router_list || return
  print_exporter_config >"$folder/usage_exporter.yaml"
  launch exporter prometheus "${setting[data]}/bin/usage_exporter" \
    --config.file "$folder/usage_exporter.yaml" \
    --web.listen-address "127.0.0.1:${setting[exporter-port]}"
}
ready_exporter() { curl -fsS "http://127.0.0.1:${setting[exporter-port]}/-/ready"; }

print_exporter_config() {
  cat <<END
database:
  dsn: $(dsn_of usage_reader)
  password_file: $(secret usage_reader.password prometheus)
sources:
  - type: user_sessions
  - type: radacct
tenants:
  refresh: 5s         # they come with the simulator, after the first reading
storage:
  database:
    dsn: $(dsn_of usage_exporter)
    password_file: $(secret usage_exporter.password prometheus)
  fold_interval: 10s  # compose/verify waits for it
routers:
  file: $(router_list)
  refresh: 5s         # likewise
grafana:
  url: $(grafana_url)
  live: {}            # pushes nothing while there is no org
END
}

start_prometheus() {
  local folder=${setting[data]}/prometheus
  install -d "$folder" && install -d -o prometheus -m 700 "$folder/data" || return
  install -d "$folder/rules" && install -m 644 "$root/dashboards/rules.yaml" "$root"/alerts/*.yaml \
    "$folder/rules/" || return
  print_prometheus_config >"$folder/prometheus.yml"
  launch prometheus prometheus prometheus --config.file "$folder/prometheus.yml" \
    --storage.tsdb.path "$folder/data" --storage.tsdb.retention.time 40d \
    --web.listen-address "127.0.0.1:${setting[prometheus-port]}"
}
ready_prometheus() { curl -fsS "http://127.0.0.1:${setting[prometheus-port]}/-/ready"; }

print_prometheus_config() {
  cat <<END
global:
  scrape_interval: 5s
  evaluation_interval: 10s
rule_files: [rules/*.yaml]
alerting:
  alertmanagers:
    - static_configs:
        - targets: ['127.0.0.1:${setting[alertmanager-port]}']
scrape_configs:
  - job_name: usage_exporter
    static_configs:
      - targets: ['127.0.0.1:${setting[exporter-port]}']
  - job_name: usage_history
    scrape_interval: 1m
    metrics_path: /metrics/history
    static_configs:
      - targets: ['127.0.0.1:${setting[exporter-port]}']
  - job_name: usage_gateway
    static_configs:
      - targets: ['127.0.0.1:${setting[gateway-metrics-port]}']
  - job_name: alertmanager
    static_configs:
      - targets: ['127.0.0.1:${setting[alertmanager-port]}']
  - job_name: prometheus
    static_configs:
      - targets: ['127.0.0.1:${setting[prometheus-port]}']
END
}

# The door for tenants. An operator's token comes with it, tenants' come when there are tenants.

start_gateway() {
  local folder=${setting[data]}/gateway
  install -d -o prometheus -m 700 "$folder" || return
  print_gateway_config >"$folder/usage_gateway.yaml"
  make_token operator --scope operator --note "compose/up" || return
  launch gateway prometheus "${setting[data]}/bin/usage_gateway" \
    --config.file "$folder/usage_gateway.yaml" \
    --web.listen-address "127.0.0.1:${setting[gateway-port]}" \
    --web.telemetry-address "127.0.0.1:${setting[gateway-metrics-port]}"
}
ready_gateway() { curl -fsS "http://127.0.0.1:${setting[gateway-metrics-port]}/-/ready"; }

print_gateway_config() {
  cat <<END
upstream:
  url: http://127.0.0.1:${setting[prometheus-port]}
tokens:
  file: tokens.json
  header: X-Usage-Token  # Grafana's data sources send it
END
}

# make_token NAME FLAG…: unless it is there. The token itself is in secrets/NAME.token, for root.
make_token() {
  local file=${setting[data]}/secrets/$1.token
  shift
  [[ ! -s $file ]] || return 0
  (umask 077 && cd / && runuser -u prometheus -- "${setting[data]}/bin/usagectl" token create \
    --file "${setting[data]}/gateway/tokens.json" "$@" >"$file.new" 2>>"$(log_of gateway)" &&
    mv "$file.new" "$file")
}

# A token of one tenant, to show that it sees its own numbers and nobody else's.
make_example_token() {
  local example=${setting[data]}/example-tenants tenants
  [[ ! -s $example ]] || return 0
  mapfile -t tenants < <(tenants_with_bytes)
  ((${#tenants[@]} >= 2)) || return 0
  make_token tenant --tenant "${tenants[0]}" --note "compose/up" &&
    echo "${tenants[0]} ${tenants[1]}" >"$example"
}

tenants_with_bytes() {
  curl -fsS "http://127.0.0.1:${setting[exporter-port]}/metrics" |
    sed -n 's/^usage_today_download_bytes{tenant_id="\([^"]*\)".*} [1-9].*/\1/p' | uniq
}

# In bytes a month, of one tenant: it passes thresholds within minutes.
small_quota=400000000

# Three that people look at, the one with the small quota first: the same three every time.
shown_tenants() {
  local file=${setting[data]}/shown-tenants
  [[ -s $file ]] || { tenant_with_small_quota && tenants_with_bytes; } | awk '!seen[$0]++' |
    head -n 3 >"$file"
  cat "$file"
}

tenant_with_small_quota() {
  curl -fsS "http://127.0.0.1:${setting[exporter-port]}/metrics" |
    sed -n "s/^usage_quota_bytes{tenant_id=\"\([^\"]*\)\"} $small_quota\$/\1/p"
}

# Real time: what the exporter sees is what flows now. Its truth is gone on with after a restart.
# The simulator's routers, one for each protocol. It writes their list when it has started.
router_list() { echo "${setting[data]}/simulator/routers.yaml"; }
ensure_router_list() {
  install -d -o prometheus -m 755 "${setting[data]}/simulator" || return
  [[ -s $(router_list) ]] || echo 'routers: []' >"$(router_list)"
}

# The first router, by SNMP, is of a tenant whose PPPoE sessions come by RADIUS, with a name: SNMP says
# no MAC of them, and the panel's table nothing else.
start_simulator() {
  local folder=${setting[data]}/simulator
  install -d -o prometheus -m 755 "$folder" || return
  launch simulator prometheus "${setting[data]}/bin/usage_sim" run --target both \
    --database "$(dsn_of usage_sim) passfile=$(passfile usage_sim prometheus)" \
    --radius "127.0.0.1:${setting[radius-port]}" --secret-file "$(secret nas.secret prometheus)" \
    --tenants "${setting[tenants]}" --small-quota "$small_quota" --interim 60s --truth "$folder/truth" \
    --routers 3 --router-protocols snmp,api,rest --routers-file "$(router_list)" \
    --routers-dir "$folder/routers"
}
# Its first bytes have come all the way.
ready_simulator() {
  curl -fsS "http://127.0.0.1:${setting[exporter-port]}/metrics" |
    grep -E '^usage_(up|down)load_bytes_total\{.*\} [1-9]'
}
