"""Where the messages of a demonstration or a test end: e-mail by SMTP; webhook, Slack and Telegram
by HTTP. Prints each as a person would read it, and shows them on a page, newest first. Listens on
127.0.0.1 only and keeps what fits into a fixed room. Debian's python3 and python3-aiosmtpd.

    POST /slack/…                  {"attachments": [{"title": …, "text": …}]}
    POST /bot<token>/sendMessage   {"chat_id": …, "text": …}
    POST /watchdog                 only when it came last is kept
    POST /anything                 Alertmanager's webhook, or any other JSON
    GET  /  /mail/<number>  /messages.json
"""

import argparse
import asyncio
import collections
import dataclasses
import email
import email.policy
import html
import http.server
import json
import re
import threading
import time

from aiosmtpd.smtp import SMTP

LARGEST = 2**20  # of one message, in bytes
ROOM = 16 * 2**20  # of all that are kept


@dataclasses.dataclass
class Message:
    channel: str  # e-mail, slack, telegram or webhook
    to: str  # an address, a path, a chat
    title: str
    text: str
    html: str = ""  # of an e-mail
    body: object = None  # what came, where it was JSON
    at: float = dataclasses.field(default_factory=time.time)
    number: int = 0

    @property
    def heading(self):
        return f"{self.number} · {clock(self.at)} · {self.channel} to {self.to}"


def of_mail(content, recipients):
    mail = email.message_from_bytes(content, policy=email.policy.default)

    def part(kind):
        found = mail.get_body((kind,))
        return found.get_content() if found else ""

    text = part("plain").replace("\r\n", "\n")
    return Message("e-mail", ", ".join(recipients), str(mail["Subject"] or ""), text, part("html"))


def of_slack(path, body):
    """Slack's three escapes are undone: that is how Slack shows it."""
    parts = body["attachments"] or [{}]
    title = " ".join(str(part.get("title", "")) for part in parts)
    text = "\n".join(str(part.get("text", "")) for part in parts)
    return Message("slack", body.get("channel") or path, html.unescape(title), html.unescape(text),
                   body=body)


def of_telegram(body):
    text = html.unescape(re.sub("<[^>]*>", "", str(body["text"]))).strip()
    title, _, rest = text.partition("\n")
    return Message("telegram", f"chat {body['chat_id']}", title, rest, body=body)


def of_webhook(path, body):
    alerts = body.get("alerts") if isinstance(body, dict) else None
    if alerts is None:
        return Message("webhook", path, "", json.dumps(body, indent=2), body=body)
    return Message("webhook", path, f"{len(alerts)} alerts, {body['status']}",
                   "\n".join(map(line_of, alerts)), body=body)


def line_of(alert):
    summary = alert["annotations"].get("summary") or alert["labels"].get("alertname")
    return f"{alert['status']}: {summary}"


def of_post(path, body):
    """Raises KeyError, TypeError, AttributeError where `body` is not of its path's kind."""
    if path.startswith("/slack/"):
        return of_slack(path, body)
    if re.fullmatch(r"/bot[^/]*/sendMessage", path):
        return of_telegram(body)
    return of_webhook(path, body)


class Messages:
    """The newest that fit into ROOM. Thread safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._kept = collections.deque()  # (message, bytes)
        self._taken = 0
        self._size = 0
        self.watchdog_at = None  # seconds since 1970

    def add(self, message, size):
        with self._lock:
            self._taken += 1
            message.number = self._taken
            self._kept.append((message, size))
            self._size += size
            while self._size > ROOM:
                self._size -= self._kept.popleft()[1]
        print(f"--- {message.heading}\n{printable(message.title)}\n\n"
              f"{printable(message.text.rstrip())}\n", flush=True)

    def newest_first(self):
        with self._lock:
            return [message for message, _ in reversed(self._kept)]


def printable(text):
    """Without what a terminal would obey."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", "�", text)


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Messages</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}
article {{ border: 1px solid #8886; border-radius: 6px; padding: .75rem 1rem; margin: 1rem 0 }}
h1 {{ font-size: 1.5rem }} h2 {{ font-size: 1.1rem; margin: .25rem 0 }}
h1, h2, pre {{ overflow-wrap: anywhere }}
pre {{ font: inherit; white-space: pre-wrap; margin: .5rem 0 }} small {{ opacity: .75 }}
</style></head><body><h1>Messages that Alertmanager sent</h1>
<p>{watchdog}</p>
{articles}
</body></html>
"""
NOTHING = "<p>None yet. This page looks again every 5 seconds.</p>"


def page(messages):
    return PAGE.format(watchdog=watchdog(messages.watchdog_at),
                       articles="\n".join(map(article, messages.newest_first())) or NOTHING)


def watchdog(at):
    if at is None:
        return "The watchdog has not come yet, which says that Prometheus and Alertmanager work."
    return f"Prometheus and Alertmanager work: their watchdog came at {clock(at)}."


def clock(at):
    return time.strftime("%H:%M:%S", time.localtime(at))


def article(message):
    link = f'<a href="/mail/{message.number}">as the e-mail looks</a>' if message.html else ""
    return (f"<article><small>{html.escape(message.heading)}</small>"
            f"<h2>{html.escape(message.title)}</h2><pre>{html.escape(message.text.strip())}</pre>"
            f"{link}</article>")


class Http(http.server.BaseHTTPRequestHandler):
    timeout = 30  # seconds for the next request, or the rest of one

    def do_GET(self):
        messages = self.server.messages.newest_first()
        mails = {f"/mail/{message.number}": message.html for message in messages if message.html}
        if self.path == "/":
            self._answer(200, page(self.server.messages))
        elif self.path == "/messages.json":
            self._answer(200, json.dumps([vars(message) for message in messages]),
                         "application/json")
        elif self.path in mails:
            self._answer(200, mails[self.path])
        else:
            self._answer(404, "There is nothing here, or no longer.", "text/plain")

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LARGEST:
            self.close_connection = True
            self._answer(413, f"At most {LARGEST} bytes.", "text/plain")
            return
        body = self.rfile.read(length)
        if self.path == "/watchdog":
            self.server.messages.watchdog_at = time.time()
            self._answer(200, "")
            return
        try:
            message = of_post(self.path, json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._answer(400, f"Not understood: {error!r}", "text/plain")
            return
        self.server.messages.add(message, length)
        # What Telegram answers; nobody else reads it.
        self._answer(200, '{"ok": true, "result": {"message_id": 1, "chat": {"id": 1}}}',
                     "application/json")

    def _answer(self, status, text, kind="text/html"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        # What was sent is shown, never run.
        self.send_header("Content-Security-Policy",
                         "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """The log is for messages."""


class Mail:
    """aiosmtpd's handler."""

    def __init__(self, messages):
        self._messages = messages

    async def handle_DATA(self, _server, _session, envelope):
        self._messages.add(of_mail(envelope.content, envelope.rcpt_tos), len(envelope.content))
        return "250 taken"


async def serve(http_port, smtp_port):
    messages = Messages()
    web = http.server.ThreadingHTTPServer(("127.0.0.1", http_port), Http)
    web.daemon_threads = True
    web.messages = messages
    threading.Thread(target=web.serve_forever, daemon=True).start()
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(
        lambda: SMTP(Mail(messages), hostname="sink", data_size_limit=LARGEST, loop=loop,
                     enable_SMTPUTF8=True),
        "127.0.0.1", smtp_port)
    print(f"listens on http://127.0.0.1:{web.server_port}/ and for mail on "
          f"127.0.0.1:{smtp.sockets[0].getsockname()[1]}", flush=True)
    await smtp.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--http-port", type=int, default=9095, help="0: any that is free")
    parser.add_argument("--smtp-port", type=int, default=2525)
    options = parser.parse_args()
    asyncio.run(serve(options.http_port, options.smtp_port))


if __name__ == "__main__":
    main()
