"""A program that a benchmark starts and measures."""

import os
import pathlib
import subprocess
import sys
import time
import urllib.request


class Program:
    """Ends with this script."""

    def __init__(self, command, url, log):
        self.url = url
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command],
                                        stdout=log, stderr=log)
        for _ in range(1200):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                return
            except urllib.error.HTTPError as answer:
                if answer.code != 503:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                sys.exit(f"{command[0]} ended with {self.process.returncode}")
            time.sleep(0.1)
        sys.exit(f"{command[0]} does not come up")

    def cpu(self):
        """Seconds that it has used."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.kill()
        self.process.wait()
