# shellcheck shell=bash disable=SC2154  # root and setting: those who source this have them
# Who is told: Alertmanager, with a route for each of three tenants and the operator, made by
# usagectl; and a sink that takes their messages and shows them.

start_sink() {
  install -m 644 "$root/compose/lib/sink.py" "${setting[data]}/bin/sink.py" || return
  # Debian's python3, for which its package aiosmtpd is.
  launch sink prometheus /usr/bin/python3 "${setting[data]}/bin/sink.py" \
    --http-port "${setting[sink-port]}" --smtp-port "${setting[smtp-port]}"
}
ready_sink() { curl -fsS "$(sink_url)" && listener_inode tcp "${setting[smtp-port]}"; }
sink_url() { echo "http://127.0.0.1:${setting[sink-port]}/"; }

# Until there are tenants, everything is the operator's.
start_alertmanager() {
  local folder=${setting[data]}/alertmanager
  install -d -o prometheus -m 700 "$folder" "$folder/data" || return
  [[ -s $folder/alertmanager.yml ]] || make_first_routes "$folder" || return
  launch alertmanager prometheus "$(alertmanager_program)" --config.file "$folder/alertmanager.yml" \
    --storage.path "$folder/data" --data.maintenance-interval 1m \
    --web.listen-address "127.0.0.1:${setting[alertmanager-port]}" --cluster.listen-address=
}
ready_alertmanager() { curl -fsS "http://127.0.0.1:${setting[alertmanager-port]}/-/ready"; }

# Debian's package has taken away the name that everybody else has.
alertmanager_program() { command -v prometheus-alertmanager || command -v alertmanager; }

# Tenants of the demonstration that have contacts: those who are shown in Grafana, too.
provision_alerts() {
  local tenants
  mapfile -t tenants < <(shown_tenants)
  write_alerting "${tenants[@]}" || return
  step "who is told" "$(log_of usagectl)" usagectl_alertmanager sync ||
    part_failed usagectl "could not tell Alertmanager who is told"
}

make_first_routes() {
  write_alerting && usagectl_alertmanager render --output "$1/alertmanager.yml" \
    >>"$(log_of usagectl)" 2>&1
}

usagectl_alertmanager() {
  runuser -u prometheus -- env -C / "${setting[data]}/bin/usagectl" alertmanager "$@" \
    --config.file "${setting[data]}/alertmanager/usage_exporter.yaml"
}

# write_alerting TENANT…
write_alerting() {
  local folder=${setting[data]}/alertmanager
  install -m 644 "$root/alerts/templates/usage.tmpl" "$folder/usage.tmpl" || return
  print_alerting_config "$@" >"$folder/usage_exporter.yaml"
}

# print_alerting_config TENANT…
print_alerting_config() {
  local tenant number=0
  print_exporter_config
  cat <<END
alerting:
  url: http://127.0.0.1:${setting[alertmanager-port]}
  file: alertmanager.yml
  templates: [usage.tmpl]
  smtp: {server: "127.0.0.1:${setting[smtp-port]}", from: alerts@example.org, require_tls: false}
  watchdog: {webhook: "$(sink_url)watchdog", repeat_interval: 1m}
  operators:
    - {email: operator@example.org}
  # Short, for people who wait for the first message.
  operator_times: {group_wait: 10s, group_interval: 1m}
  tenant_times: {group_wait: 5s, group_interval: 1m}
  contacts:
END
  (($#)) || echo "    []"
  for tenant; do
    echo "    - {tenant: \"$tenant\", email: tenant$((++number))@example.org}"
  done
}
