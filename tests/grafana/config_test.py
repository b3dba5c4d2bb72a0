"""config/grafana.ini names no key that Grafana lacks, and closes what has to be closed."""

import pathlib
import re

import server  # it makes the modules of tests/e2e known
import case
from double.settings import read_ini

KNOWN = pathlib.Path(__file__).with_name("known_settings.txt")

# What a default leaves open to a tenant or to the whole network, and one that must stay as it is.
DEMANDED = {
    "analytics": {"reporting_enabled": "false", "check_for_updates": "false",
                  "check_for_plugin_updates": "false"},
    "auth.anonymous": {"enabled": "false"},
    "auth.proxy": {"enabled": "false"},
    "dataproxy": {"send_user_header": "false"},
    "metrics": {"enabled": "false"},
    "news": {"news_feed_enabled": "false"},
    "panels": {"disable_sanitize_html": "false"},
    "plugins": {"plugin_admin_enabled": "false", "allow_loading_unsigned_plugins": ""},
    "public_dashboards": {"enabled": "false"},
    "security": {"disable_gravatar": "true", "data_source_proxy_whitelist": "127.0.0.1:9813",
                 "cookie_secure": "true", "cookie_samesite": "lax", "allow_embedding": "false",
                 "disable_brute_force_login_protection": "false",
                 "content_security_policy": "true"},
    "snapshots": {"enabled": "false", "external_enabled": "false"},
    "unified_alerting": {"enabled": "false"},
    "users": {"allow_sign_up": "false", "allow_org_create": "false", "auto_assign_org": "true",
              "auto_assign_org_role": "Viewer", "viewers_can_edit": "false"},
}


def known_keys():
    """{section: {key}} of the list."""
    found, section = {}, None
    for line in KNOWN.read_text().splitlines():
        head = re.fullmatch(r"\[(.+)\]", line)
        if head:
            section = found.setdefault(head[1], set())
        elif line and not line.startswith("#"):
            section.update(line.split())
    return found


class File(case.Case):
    def setUp(self):
        super().setUp()
        self.settings = read_ini(server.CONFIG)

    def test_every_key_is_one_of_grafana(self):
        known = known_keys()
        unknown = [f"[{section}] {key}" for section, keys in self.settings.items() for key in keys
                   if key not in known.get(section, ())]
        self.assertEqual(unknown, [])

    def test_what_has_to_be_closed_is_closed(self):
        named = {section: {key: self.settings.get(section, {}).get(key) for key in keys}
                 for section, keys in DEMANDED.items()}
        self.assertEqual(named, DEMANDED)

    def test_secrets_come_from_files(self):
        for key in ("admin_user", "admin_password", "secret_key"):
            self.assertRegex(self.settings["security"][key], r"^\$__file\{/etc/grafana/\w+\}$")

    def test_browsers_may_talk_to_this_server_alone(self):
        policy = self.settings["security"]["content_security_policy_template"]
        sources = dict(part.split(" ", 1) for part in policy.rstrip(";").split(";"))
        self.assertEqual(sources["connect-src"], "'self' ws://$ROOT_PATH wss://$ROOT_PATH")
        self.assertEqual(sources["img-src"], "'self' data: blob:")
        self.assertEqual(sources["frame-ancestors"], "'none'")
        self.assertNotIn("*", policy)


if __name__ == "__main__":
    case.main()
