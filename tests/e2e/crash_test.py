#!/usr/bin/env python3
"""The exporter is killed in the midst of its work, again and again."""

import random
import threading
import time

import case
from traffic import World


class Scraper(threading.Thread):
    """Reads the page all the time and notes every counter that falls."""

    def __init__(self, exporter):
        super().__init__(daemon=True)
        self.exporter = exporter
        self.highest = {}
        self.falls = []
        self.pages = self.refusals = 0
        self._is_over = threading.Event()

    def run(self):
        while not self._is_over.wait(0.05):
            try:
                self._note(self.exporter.page())
            except OSError:
                self.refusals += 1  # it is dead just now

    def _note(self, page):
        self.pages += 1
        for key, value in page.counters().items():
            if value < self.highest.get(key, 0):
                self.falls.append(f"{key}: {value} after {self.highest[key]}")
            self.highest[key] = value

    def close(self):
        self._is_over.set()
        self.join()


class KilledInMidRunNothingIsLostOrCountedTwice(case.Case):
    KILLS = 8

    def test_every_byte_and_no_counter_falls(self):
        world = self.use(World(self.folder, "-5h", 300, "reused_id=0.05,late_stop=0.05,purge=0.3",
                               visible="12s"))
        world.simulator.start()
        scraper = self.use(Scraper(world.exporter))
        scraper.start()
        moments = random.Random(3)
        for _ in range(self.KILLS):
            # Over cycles of 1 s and folds of 3 s.
            time.sleep(moments.uniform(2, 5))
            world.exporter.process.kill()
            world.exporter.start()
        world.finish()
        scraper.close()
        self.assertEqual(scraper.falls, [])
        self.assertGreater(scraper.pages, 100)
        self.assertGreater(len(scraper.highest), 20)
        self.assertGreater(scraper.refusals, 0, "no kill was noticed: nothing was tested")

    def test_sigkill_leaves_what_was_committed(self):
        """The journal alone holds it: nothing was folded."""
        world = self.use(World(self.folder, "-4h", 600, "none"))
        exporter, database = world.exporter, world.database
        exporter.process.stop()
        world.simulator.start()
        exporter.configure(exporter.file.read_text().replace('"3s"', '"1h"'))
        exporter.start()
        time.sleep(5)
        world.simulator.process.stop()
        before = exporter.read_all().counters()
        exporter.process.kill()
        self.assertEqual(database.sql("SELECT count(*) FROM usage.tenant_total"), "0")
        self.assertNotEqual(database.sql("SELECT count(*) FROM usage.journal"), "0")
        exporter.start()
        self.assertEqual(exporter.page().counters(), before)
        self.assertEqual(exporter.value("usage_accounting_invariant_violations"), 0)


if __name__ == "__main__":
    case.main()
