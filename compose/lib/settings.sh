# shellcheck shell=bash disable=SC2154  # root and setting: those who source this have them
# Where the demonstration lives and which ports it takes. A value comes from the command line,
# else from the environment, else from the last compose/up in that folder, else from here.

declare -A setting=(
  [data]=/var/lib/usage_exporter-demo
  [exporter-port]=9812
  [prometheus-port]=9090
  [alertmanager-port]=9093
  [sink-port]=9095
  [smtp-port]=2525
  [gateway-port]=9813
  [gateway-metrics-port]=9814
  [grafana-port]=3000
  [postgres-port]=15432
  [radius-port]=11813
  [tenants]=20
)
ports=(exporter-port prometheus-port alertmanager-port sink-port smtp-port gateway-port
  gateway-metrics-port grafana-port postgres-port radius-port)
# What a running demonstration can't change, and keeps in its folder.
kept_settings=("${ports[@]}" tenants)

# variable_of NAME: exporter-port is USAGE_EXPORTER_PORT in the environment.
variable_of() {
  local name=${1^^}
  echo "USAGE_${name//-/_}"
}

settings_usage() {
  cat <<END
  --data DIR             its folder, USAGE_DATA (default ${setting[data]})
END
}

ports_usage() {
  cat <<END
  --exporter-port PORT   USAGE_EXPORTER_PORT (default ${setting[exporter-port]})
  --prometheus-port PORT USAGE_PROMETHEUS_PORT (default ${setting[prometheus-port]})
  --alertmanager-port PORT
                         USAGE_ALERTMANAGER_PORT (default ${setting[alertmanager-port]})
  --sink-port PORT       where messages are shown, USAGE_SINK_PORT (default ${setting[sink-port]})
  --smtp-port PORT       where they are sent, USAGE_SMTP_PORT (default ${setting[smtp-port]})
  --gateway-port PORT    USAGE_GATEWAY_PORT (default ${setting[gateway-port]})
  --gateway-metrics-port PORT
                         USAGE_GATEWAY_METRICS_PORT (default ${setting[gateway-metrics-port]})
  --grafana-port PORT    USAGE_GRAFANA_PORT (default ${setting[grafana-port]})
  --postgres-port PORT   USAGE_POSTGRES_PORT (default ${setting[postgres-port]})
  --radius-port PORT     USAGE_RADIUS_PORT, UDP (default ${setting[radius-port]})
END
}

# given_settings [NAME VALUE]…: puts the pairs, which are from the command line, and what the
# environment has beside them, into the array `given`.
given_settings() {
  local name variable
  declare -gA given=()
  while (($#)); do
    given[$1]=$2
    shift 2
  done
  for name in "${!setting[@]}"; do
    variable=$(variable_of "$name")
    [[ -n ${given[$name]-} || -z ${!variable-} ]] || given[$name]=${!variable}
  done
}

# find_demonstration [NAME VALUE]…: sets where it is, and what the last compose/up there was told.
find_demonstration() {
  given_settings "$@"
  [[ -z ${given[data]-} ]] || setting[data]=$(readlink -m "${given[data]}")
  load_kept_settings
  ! uses_grafana || parts+=(grafana)
}

# change_settings: to what was given to find_demonstration. For compose/up alone.
change_settings() {
  local name
  for name in "${!given[@]}"; do
    [[ $name == data ]] || change_setting "$name" "${given[$name]}"
  done
}

load_kept_settings() {
  local name value
  [[ -r ${setting[data]}/settings ]] || return 0
  while read -r name value; do
    [[ -z ${setting[$name]-} ]] || setting[$name]=$value
  done <"${setting[data]}/settings"
}

change_setting() {
  local name=$1 value=$2
  [[ $value =~ ^[0-9]{1,5}$ ]] && ((10#$value >= 1 && 10#$value <= 65535)) ||
    die "--$name $value: not a number from 1 to 65535"
  [[ ${setting[$name]} != "$value" ]] || return 0
  if something_runs; then
    die "--$name $value: the demonstration runs with --$name ${setting[$name]}" \
      "compose/down, then compose/up with the new value"
  fi
  setting[$name]=$value
}

keep_settings() {
  local name
  for name in "${kept_settings[@]}"; do echo "$name ${setting[$name]}"; done >"${setting[data]}/settings"
}
