"""compose/lib/sink.py: what is sent to it is what a person can read there."""

import json
import smtplib
import urllib.request

import rendering  # noqa: F401  # finds tests/e2e

import email.message

from case import SharedCase, main
from exporter import fetch
from sink import Sink


class ASink(SharedCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = cls.share(Sink(cls.make_folder()))

    def _post(self, path, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.sink.url + path, data)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, b""

    def _mail(self, subject, text, page):
        mail = email.message.EmailMessage()
        mail["Subject"], mail["To"] = subject, "Ann <ann@example.org>"
        mail.set_content(text)
        mail.add_alternative(page, subtype="html")
        host, port = self.sink.smarthost.split(":")
        with smtplib.SMTP(host, int(port)) as server:
            server.send_message(mail, "a@example.org", ["ann@example.org"])

    def test_each_kind_is_read_as_its_reader_would_see_it(self):
        self._mail("Zürich: 81 %", "used\nmuch\n", "<p>used</p>")
        self._post("/slack/a", {"channel": "#ops", "attachments": [
            {"title": "A &amp; B", "text": "*1 &lt; 2*"}]})
        status, answer = self._post("/bot7:secret/sendMessage", {
            "chat_id": "-5", "text": "<b>A &amp; B</b>\n1 &lt; 2"})
        self.assertEqual((200, True), (status, json.loads(answer)["ok"]))
        self._post("/hook", {"status": "firing", "alerts": [
            {"status": "firing", "labels": {"alertname": "X"}, "annotations": {}}]})
        self.assertEqual(
            [("e-mail", "ann@example.org", "Zürich: 81 %", "used\nmuch\n"),
             ("slack", "#ops", "A & B", "*1 < 2*"), ("telegram", "chat -5", "A & B", "1 < 2"),
             ("webhook", "/hook", "1 alerts, firing", "firing: X")],
            [(m["channel"], m["to"], m["title"], m["text"]) for m in self.sink.messages()])
        self.assertEqual([1, 2, 3, 4], [m["number"] for m in self.sink.messages()])
        self.assertNotIn("secret", self.sink.process.said() + fetch(self.sink.url + "/").text)

    def test_the_log_has_them_as_a_person_reads_them(self):
        self.assertIn("e-mail to ann@example.org\nZürich: 81 %\n\nused\nmuch\n",
                      self.sink.process.said())

    def test_the_page_has_the_newest_first_and_runs_nothing(self):
        name = "<script>alert(1)</script>\x1b[2J"
        self._post("/hook", {"x": name})
        self._mail(name.replace("\x1b", ""), name, name)
        page = fetch(self.sink.url + "/")
        self.assertNotIn("<script", page.text)
        self.assertLess(page.text.index("&lt;script"), page.text.index("Zürich"))
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        mail = fetch(self.sink.url + "/mail/6")
        self.assertIn("default-src 'none'", mail.headers["Content-Security-Policy"])
        self.assertIn("<script>", mail.text)
        self.assertNotIn("\x1b", self.sink.process.said())

    def test_what_it_does_not_understand_is_refused(self):
        count = len(self.sink.messages())
        for path, body in (("/hook", b"{"), ("/slack/a", {}), ("/bot1/sendMessage", [1])):
            self.assertEqual(400, self._post(path, body)[0], path)
        self.assertEqual(413, self._post("/hook", b"")[0])
        self.assertEqual(404, fetch(self.sink.url + "/mail/99").status)
        self.assertEqual(count, len(self.sink.messages()))

    def test_the_watchdog_is_no_message_but_the_page_says_when_it_came(self):
        count = len(self.sink.messages())
        self.assertIn("has not come yet", fetch(self.sink.url + "/").text)
        self._post("/watchdog", {})
        self.assertIn("their watchdog came at", fetch(self.sink.url + "/").text)
        self.assertEqual(count, len(self.sink.messages()))

    def test_old_ones_give_way_to_new_ones(self):
        for number in range(20):
            self._post("/hook", {"number": number, "filling": "x" * 1_000_000})
        kept = self.sink.messages()
        self.assertEqual(19, kept[-1]["body"]["number"])
        self.assertLess(len(kept), 20)


if __name__ == "__main__":
    main()
