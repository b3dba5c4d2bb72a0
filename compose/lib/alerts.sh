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

# After the simulator: its file has a route for each tenant, and without tenants there is none.
start_alertmanager() {
  local folder=${setting[data]}/alertmanager
  install -d -o prometheus -m 700 "$folder" "$folder/data" || return
  write_alerting || return
  [[ -s $folder/alertmanager.yml ]] ||
    usagectl_alertmanager render --output "$folder/alertmanager.yml" >>"$(log_of alertmanager)" 2>&1 ||
    return
  launch alertmanager prometheus "$(alertmanager_program)" --config.file "$folder/alertmanager.yml" \
    --storage.path "$folder/data" --data.maintenance-interval 1m \
    --web.listen-address "127.0.0.1:${setting[alertmanager-port]}" --cluster.listen-address=
}
ready_alertmanager() { curl -fsS "http://127.0.0.1:${setting[alertmanager-port]}/-/ready"; }

# Debian's package has taken away the name that everybody else has.
alertmanager_program() { command -v prometheus-alertmanager || command -v alertmanager; }

# Again: changes nothing.
provision_alerts() {
  write_alerting && step "who is told" "$(log_of usagectl)" usagectl_alertmanager sync ||
    part_failed usagectl "could not tell Alertmanager who is told"
}

usagectl_alertmanager() {
  runuser -u prometheus -- env -C / "${setting[data]}/bin/usagectl" alertmanager "$@" \
    --config.file "${setting[data]}/alertmanager/usage_exporter.yaml"
}

# For usagectl: the tenants that are shown have contacts.
write_alerting() {
  local folder=${setting[data]}/alertmanager tenants
  mapfile -t tenants < <(shown_tenants)
  install -m 644 "$root/alerts/templates/usage.tmpl" "$folder/usage.tmpl" &&
    print_alerting_config "${tenants[@]}" >"$folder/usage_exporter.yaml"
}

# Where there is a Grafana, messages link to each tenant's org.
print_config_for_links() {
  if uses_grafana; then print_usagectl_config "$@"; else print_exporter_config | sed '/^grafana:/,$d'; fi
}

# print_alerting_config TENANT…
print_alerting_config() {
  local tenant number=0
  print_config_for_links "$@"
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
  print_doctor_config
}

# For usagectl doctor and usagectl status.
print_doctor_config() {
  cat <<END
doctor:
  exporter_url: http://127.0.0.1:${setting[exporter-port]}
  gateway_metrics_url: http://127.0.0.1:${setting[gateway-metrics-port]}
  prometheus_url: http://127.0.0.1:${setting[prometheus-port]}
  tokens_file: ${setting[data]}/gateway/tokens.json
  disks: [${setting[data]}]
END
}
