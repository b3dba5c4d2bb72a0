"""python3 -m tests.grafana.double"""

import argparse
import asyncio
import signal
import sys

from .server import Grafana, listen
from .settings import Settings


def _arguments():
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.grafana.double",
        description="A double of Grafana 12.3: prints its URL and serves until TERM or INT. "
                    "Its control endpoint is described in tests/grafana/double/faults.py.")
    parser.add_argument("--host", default="127.0.0.1", help="to listen on; default %(default)s")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--config", metavar="FILE", help="a grafana.ini; without it the settings "
                        "are those of the recorded exchanges")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE",
                        help="a setting on top; may be repeated")
    return parser.parse_args()


async def _serve(arguments, settings):
    server = await listen(Grafana(settings), arguments.host, arguments.port)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await over.wait()
    server.close()


def main():
    arguments = _arguments()
    try:
        settings = Settings(arguments.config, arguments.set)
    except (OSError, ValueError) as error:
        sys.exit(f"double: {error}")
    asyncio.run(_serve(arguments, settings))


main()
