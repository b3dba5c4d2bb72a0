"""CPU seconds by process, from /proc.

A busy machine does not disturb these numbers, as it does /proc/stat: the kernel charges to a
process only what that process ran (and what interrupts it suffered meanwhile).
"""

import os
import re
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat_of(pid):
    """The fields of /proc/PID/stat after the command's name, which may hold anything."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()


def cpu_of(pid):
    """What the process has used itself, its threads that have ended included."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3): to the nanosecond
    except OSError as error:
        raise ProcessLookupError(f"no process {pid}") from error


def cpu_of_the_dead(pid):
    """What those children have used that have ended."""
    fields = _stat_of(pid)
    return (int(fields[13]) + int(fields[14])) / TICK


def _memory_of(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(name))


def resident_mb(pid):
    return _memory_of(pid, "VmRSS")


def peak_mb(pid):
    return _memory_of(pid, "VmHWM")


def machine_busy():
    """CPU seconds of the whole machine since it started, without idling and waiting for disks."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _idle, _wait, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def children_of(parent):
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and int(_stat_of(name)[1]) == parent:
                yield int(name)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended meanwhile


def _title_of(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().replace(b"\0", b" ").decode(errors="replace").strip()


class PostgresCpu:
    """CPU of a cluster, by the role that a server process works for.

    Processes that come and go (parallel workers, autovacuum) are in the postmaster's account of
    dead children. Autovacuum's are looked for several times a second and told apart: what is left
    are the parallel workers of whoever runs queries.
    """

    def __init__(self, postmaster, roles):
        self._postmaster = postmaster
        self._roles = roles
        self._vacuums = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join()

    def sample(self):
        """{role: CPU seconds}, and "background", "vacuum", "workers": all that the cluster used."""
        used = dict.fromkeys([*self._roles, "background", "vacuum"], 0.0)
        used["background"] = cpu_of(self._postmaster)
        gone = cpu_of_the_dead(self._postmaster)
        for pid in children_of(self._postmaster):
            try:
                group, seconds = self._group_of(_title_of(pid)), cpu_of(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if group in ("vacuum", "workers"):
                gone += seconds  # as if it had ended now
            else:
                used[group] += seconds
        used["vacuum"] = sum(self._vacuums.values())
        used["workers"] = gone - used["vacuum"]
        return used

    def _group_of(self, title):
        if "autovacuum worker" in title:
            return "vacuum"
        if "parallel worker" in title:
            return "workers"
        found = re.match(r"postgres: (\w+) ", title)
        return found[1] if found and found[1] in self._roles else "background"

    def _watch(self):
        while not self._stop.wait(0.2):
            for pid in list(children_of(self._postmaster)):
                try:
                    if "autovacuum worker" in _title_of(pid):
                        self._vacuums[pid] = cpu_of(pid)
                except (FileNotFoundError, ProcessLookupError):
                    pass
