"""A real Alertmanager fills the templates as amtool does, with the links in front of the call, and
what it sends is what SMTP, Slack and Telegram take."""

import json

from rendering import DASHBOARD, PREFIX, ROOT

from alertmanager import Alertmanager
from case import SharedCase, main
from sink import Sink

NAME = """<script>alert(1)</script> & <!channel> "Müller's"\nSubject: x"""


def call(template):
    return PREFIX + '{{ template "' + template + '" . }}'


def config(sink):
    return {
        "global": {"smtp_smarthost": sink.smarthost, "smtp_from": "usage@example.org",
                   "smtp_require_tls": False},
        "templates": [str(ROOT / "alerts/templates/usage.tmpl")],
        "route": {"receiver": "tenant/7", "group_by": ["tenant_id"], "group_wait": "1s"},
        "receivers": [{
            "name": "tenant/7",
            "email_configs": [{"to": "a@example.org", "html": call("usage.email.html"),
                               "text": call("usage.email.text"),
                               "headers": {"Subject": call("usage.subject")}}],
            "slack_configs": [{"api_url": sink.url + "/slack/a", "title": call("usage.chat.title"),
                               "title_link": DASHBOARD, "text": call("usage.chat.text")}],
            "telegram_configs": [{"api_url": sink.url, "bot_token": "1:secret", "chat_id": 5,
                                  "parse_mode": "HTML", "message": call("usage.telegram")}]}]}


class AnAlertmanager(SharedCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.make_folder()
        cls.sink = cls.share(Sink(folder))
        cls.alertmanager = cls.share(Alertmanager(folder))
        cls.alertmanager.file.write_text(json.dumps(config(cls.sink)))
        cls.alertmanager.start()
        cls.alertmanager.send(
            {"labels": {"alertname": "A", "severity": "warning", "tenant_id": "7"},
             "annotations": {"summary": f"{NAME} has used 81%", "description": f"81% of {NAME}"}})

    def _message(self, channel):
        message, = self.sink.eventually(1, channel=channel)
        return message

    def test_a_mail_has_a_subject_of_one_line_a_text_and_a_page(self):
        mail = self._message("e-mail")
        self.assertEqual("a@example.org", mail["to"])
        self.assertEqual(f"{NAME} has used 81%".split(), mail["title"].split())
        self.assertIn(f"81% of {NAME}", mail["text"])
        self.assertIn("Dashboard: " + DASHBOARD, mail["text"])
        self.assertIn(f'href="{DASHBOARD}"', mail["html"])
        self.assertIn("&lt;script&gt;", mail["html"])
        self.assertNotIn("<script", mail["html"])

    def test_slack_reads_a_title_and_a_text_without_signs_of_its_own(self):
        part, = self._message("slack")["body"]["attachments"]
        self.assertTrue(part["title"].startswith("Warning: &lt;script&gt;"))
        self.assertNotIn("<", part["title"] + part["text"])
        self.assertEqual(DASHBOARD, part["title_link"])

    def test_telegram_reads_html_that_was_escaped_once(self):
        text = self._message("telegram")["body"]["text"]
        self.assertIn("<b>Warning: &lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;!channel", text)
        self.assertIn(f'<a href="{DASHBOARD}">Open the dashboard</a>', text)
        self.assertNotIn("&amp;lt;", text)


if __name__ == "__main__":
    main()
