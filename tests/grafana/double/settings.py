"""The settings that change what the double does, from a grafana.ini."""

import configparser

# Grafana's own defaults of those that the double knows.
DEFAULTS = {
    "auth": {"login_cookie_name": "grafana_session", "token_rotation_interval_minutes": "10",
             "disable_login_form": "false"},
    "auth.anonymous": {"enabled": "false", "org_name": "Main Org.", "org_role": "Viewer",
                       "hide_version": "false"},
    "explore": {"enabled": "true"},
    "live": {"max_connections": "100", "allowed_origins": ""},
    "metrics": {"enabled": "true"},
    "plugins": {"plugin_admin_enabled": "true"},
    "public_dashboards": {"enabled": "true"},
    "rbac": {"permission_cache": "true"},
    "security": {"admin_user": "admin", "admin_password": "admin", "disable_gravatar": "false",
                 "data_source_proxy_whitelist": "", "allow_embedding": "false",
                 "cookie_secure": "false", "cookie_samesite": "lax",
                 "content_security_policy": "false",
                 "content_security_policy_template": "script-src 'self' $NONCE",
                 "strict_transport_security": "false",
                 "disable_brute_force_login_protection": "false",
                 "disable_username_login_protection": "false"},
    "server": {"root_url": ""},
    "snapshots": {"enabled": "true", "external_enabled": "true"},
    "unified_alerting": {"enabled": "true"},
    "users": {"allow_sign_up": "false", "allow_org_create": "false", "auto_assign_org": "true",
              "viewers_can_edit": "false"},
}

# What the recorded exchanges were made with.
RECORDED = {"public_dashboards": {"enabled": "false"}, "rbac": {"permission_cache": "false"},
            "snapshots": {"enabled": "false"}, "unified_alerting": {"enabled": "false"}}


class Settings:
    """Three layers: Grafana's defaults, those of the recording or of a file, single ones on top."""

    def __init__(self, file=None, overrides=()):
        """`overrides`: ["section.key=value"]. Raises ValueError."""
        self._values = {section: dict(values) for section, values in DEFAULTS.items()}
        self._merge(read_ini(file) if file else RECORDED)
        for text in overrides:
            name, equals, value = text.partition("=")
            section, _, key = name.rpartition(".")
            if not equals or not key:
                raise ValueError(f"{text}: write section.key=value")
            self._merge({section: {key: value}})

    def _merge(self, values):
        for section, keys in values.items():
            self._values.setdefault(section, {}).update(keys)

    def get(self, section, key):
        return self._values[section][key]

    def is_on(self, section, key):
        return self.get(section, key).lower() in ("true", "1", "yes", "on")

    def shown(self):
        """As GET /api/admin/settings shows them."""
        hidden = ("password", "secret_key")
        return {section: {key: "*********" if key.endswith(hidden) else value
                          for key, value in keys.items()}
                for section, keys in self._values.items()}


def read_ini(file):
    """{section: {key: value}}; what stands before the first section is of "DEFAULT"."""
    parser = configparser.RawConfigParser(comment_prefixes=("#", ";"), default_section="\0",
                                          strict=True, delimiters=("=",))
    with open(file, encoding="utf-8") as text:
        parser.read_string("[DEFAULT]\n" + text.read(), str(file))
    return {section: {key: value.strip('"`') for key, value in parser.items(section)}
            for section in parser.sections() if parser.items(section)}
