# shellcheck shell=bash disable=SC2154  # root and setting: those who source this have them
# Where a person looks.

where_to_look() {
  local exporter=http://127.0.0.1:${setting[exporter-port]}
  local prometheus=http://127.0.0.1:${setting[prometheus-port]}
  local here=''
  [[ ${setting[data]} == /var/lib/usage_exporter-demo ]] || here=" --data ${setting[data]}"
  where_grafana_is
  cat <<END
usage now      $exporter/
Prometheus     $prometheus/classic/graph?g0.tab=0&g0.range_input=15m&g0.expr=$(url_encode "$example_query")
               that is: $example_query
a subscriber   $prometheus/classic/graph?g0.tab=0&g0.range_input=5m&g0.expr=$(url_encode "$live_query")
               five seconds fresh, of the simulator's routers: $live_query
messages       $(sink_url)  (and ${setting[data]}/logs/sink.log)
               of Alertmanager's, the first within three minutes
$(where_tenants_look)
all well?      runuser -u prometheus -- env -C / ${setting[data]}/bin/usagectl doctor \\
               --config.file ${setting[data]}/alertmanager/usage_exporter.yaml    (or status)
one look       curl -s $exporter/metrics | grep ^usage_today
exact?         compose/verify$here
what runs      compose/status$here
its logs       ${setting[data]}/logs, its configuration ${setting[data]}/exporter/usage_exporter.yaml
stop           compose/down$here            (with --purge the data goes too)
END
}

where_grafana_is() {
  uses_grafana || return 0
  local tenant
  tenant=$(head -n 1 "${setting[data]}/shown-tenants" 2>/dev/null)
  cat <<END
Grafana        $(grafana_url)/
               as tenant $tenant: user tenant1, password $(invited tenant1)
               as the operator: user operator, password $(invited operator)
END
}

# A tenant's own number, and an attempt at another's, which finds nothing.
where_tenants_look() {
  local url=http://127.0.0.1:${setting[gateway-port]}/api/v1/query own other ask
  ask="curl -sG $url -H \"Authorization: Bearer \$(cat ${setting[data]}/secrets/tenant.token)\""
  read -r own other 2>/dev/null <"${setting[data]}/example-tenants" || return 0
  cat <<END
a tenant       $own asks usage_gateway for its own number:
               $ask -d query=usage_today_download_bytes
               and in vain for another's:
               $ask -d 'query=usage_today_download_bytes{tenant_id="$other"}'
END
}

example_query='8 * sum by (tenant_id) (rate(usage_download_bytes_total[1m]))'

live_query='topk(5, 8 * usage_subscriber_live_download_bytes_per_second{subscriber!="other"})'

url_encode() {
  local text=$1 i
  for ((i = 0; i < ${#text}; i++)); do
    case ${text:i:1} in
      [a-zA-Z0-9._~-]) printf '%s' "${text:i:1}" ;;
      *) printf '%%%02X' "'${text:i:1}" ;;
    esac
  done
}
