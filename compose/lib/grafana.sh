# shellcheck shell=bash disable=SC2154  # root and setting: those who source this have them
# Grafana, where the machine has one or can get one: an org for each of three tenants and one for the
# operator, made by usagectl.

# The program: the one on PATH, else where Grafana's own package puts it. GRAFANA_HOME is where its
# pages lie.
grafana_program() {
  command -v grafana || { [[ -x $grafana_home/bin/grafana ]] && echo "$grafana_home/bin/grafana"; }
}
grafana_home=${GRAFANA_HOME:-/usr/share/grafana}

# Once it was started here, it is a part like the others.
uses_grafana() { [[ -d ${setting[data]}/grafana ]]; }

# get_grafana: makes the folder that says so, or says in one sentence what is missing.
get_grafana() {
  [[ -z $grafana_left_out ]] && ! uses_grafana || return 0
  if grafana_program >/dev/null || install_grafana; then
    mkdir -p "${setting[data]}/grafana"
    parts+=(grafana)
    check_free grafana tcp grafana-port
  else
    say "grafana        is left out: $why_no_grafana; install the package grafana (12.x), then compose/up again"
  fi
}
grafana_left_out=''

# From Grafana's own Debian repository, signed by its key. Sets why_no_grafana.
install_grafana() {
  local url=https://apt.grafana.com key=/etc/apt/keyrings/grafana.asc
  why_no_grafana="this machine has none, and $url can't be reached"
  if ! [[ -s $key ]]; then
    mkdir -p "${key%/*}" && curl -fsS --connect-timeout 5 --max-time 30 -o "$key.new" "$url/gpg.key" \
      2>>"$(log_of packages)" && mv "$key.new" "$key" || { rm -f "$key.new" && return 1; }
  fi
  echo "deb [signed-by=$key] $url stable main" >/etc/apt/sources.list.d/grafana.list
  why_no_grafana="its package can't be installed (${setting[data]}/logs/packages.log)"
  step "package lists" "$(log_of packages)" apt-get update &&
    with_services_kept_down "$(log_of packages)" 'grafana=12.*'
}

# Its package makes a user for it.
grafana_user() { id -un grafana 2>/dev/null || echo prometheus; }

start_grafana() {
  local folder=${setting[data]}/grafana user
  user=$(grafana_user)
  install -d -o "$user" -m 700 "$folder/data" || return
  install -m 644 "$root/config/grafana.ini" "$folder/grafana.ini" || return
  mapfile -t settings < <(grafana_settings "$user")
  launch grafana "$user" env -C "$folder" "$(grafana_program)" server --homepath "$grafana_home" \
    --config "$folder/grafana.ini" "${settings[@]}"
}
ready_grafana() { curl -fsS "$(grafana_url)/api/health"; }
grafana_url() { echo "http://127.0.0.1:${setting[grafana-port]}"; }

# grafana_settings USER: what differs from config/grafana.ini on one machine without TLS, one a line.
grafana_settings() {
  local folder=${setting[data]}/grafana
  cat <<END
cfg:server.http_port=${setting[grafana-port]}
cfg:server.root_url=$(grafana_url)/
cfg:paths.data=$folder/data
cfg:paths.logs=$folder/data/log
cfg:paths.plugins=$folder/data/plugins
cfg:log.mode=console
cfg:security.admin_user=$grafana_admin
cfg:security.admin_password=\$__file{$(secret grafana-admin.password "$1")}
cfg:security.secret_key=\$__file{$(secret grafana.secret "$1")}
cfg:security.cookie_secure=false
cfg:security.strict_transport_security=false
cfg:security.data_source_proxy_whitelist=127.0.0.1:${setting[gateway-port]}
END
}
# Five wrong passwords lock a name out: this one nobody guesses.
grafana_admin=usagectl-admin

# Three tenants that have numbers, and the operator. Again: goes on, and changes nothing.
provision_grafana() {
  uses_grafana || return 0
  local folder=${setting[data]}/orgs tenants tenant flags=(--tenant '')
  mapfile -t tenants < <(shown_tenants)
  for tenant in "${tenants[@]}"; do flags+=(--tenant "$tenant"); done
  # usagectl writes the gateway's token file, as the gateway's user; the admin's password is copied,
  # since Grafana's user has the other one.
  install -d -o prometheus -m 700 "$folder" || return
  rm -rf "$folder/dashboards" && cp -R "$root/dashboards" "$folder/dashboards" &&
    chmod -R a+rX "$folder/dashboards" &&
    install -o prometheus -m 600 "${setting[data]}/secrets/grafana-admin.password" "$folder/" || return
  print_usagectl_config "${tenants[@]}" >"$folder/usage_exporter.yaml"
  step "grafana orgs" "$(log_of usagectl)" runuser -u prometheus -- env -C / \
    "${setting[data]}/bin/usagectl" grafana apply --config.file "$folder/usage_exporter.yaml" \
    "${flags[@]}" || part_failed usagectl "could not make Grafana's orgs"
}

# print_usagectl_config TENANT…
print_usagectl_config() {
  local tenant number=0
  print_exporter_config
  cat <<END
  orgs:
    user: $grafana_admin
    password_file: grafana-admin.password
    gateway_url: http://127.0.0.1:${setting[gateway-port]}
    tokens_file: ${setting[data]}/gateway/tokens.json
    invitations_file: invitations.jsonl
    operators:
      - {login: operator}
    users:
END
  for tenant; do echo "      - {tenant: \"$tenant\", login: tenant$((++number))}"; done
}

# invited LOGIN: the password that it was given.
invited() {
  sed -n "s/.*\"login\":\"$1\",\"password\":\"\([^\"]*\)\".*/\1/p" \
    "${setting[data]}/orgs/invitations.jsonl" 2>/dev/null | tail -n 1
}
