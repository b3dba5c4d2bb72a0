"""What the test cases share.

A class whose `shares_a_stack` is true is one test of ctest, its methods run in their order of
definition; of the others each method is one. `python3 FILE.py --list` prints them.
"""

import inspect
import shutil
import sys
import unittest

import postgres
import processes
from exporter import Exporter, config_for


class Case(unittest.TestCase):
    maxDiff = None
    shares_a_stack = False

    def setUp(self):
        if not self.shares_a_stack:
            self.folder = processes.make_folder()
            self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def use(self, part):
        """Closes it after the test."""
        self.addCleanup(part.close)
        return part

    def new_database(self, *schemas, server=None):
        database = self.use(postgres.Database(server))
        for schema in schemas:
            database.load(schema)
        return database

    def new_exporter(self, config, *flags, name="exporter", **options):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return self.use(Exporter(folder, config, *flags, **options))


class SharedCase(Case):
    """All methods use what setUpClass has made with `share`; they run in order."""

    shares_a_stack = True

    @classmethod
    def share(cls, part):
        cls.addClassCleanup(part.close)
        return part

    @classmethod
    def make_folder(cls):
        folder = processes.make_folder()
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder


def _cases(module):
    found = [value for value in vars(module).values()
             if inspect.isclass(value) and issubclass(value, Case) and value.__module__ == "__main__"]
    return [case for case in found if _methods(case)]


def _methods(case):
    return [name for name in vars(case) if name.startswith("test")]


def _print_names(module):
    for case in _cases(module):
        if case.shares_a_stack:
            print(case.__name__)
        else:
            for name in _methods(case):
                print(f"{case.__name__}.{name}")


# ctest's name for it: SKIP_RETURN_CODE.
SKIPPED = 77


def _all_skipped(result):
    return bool(result.skipped) and result.testsRun <= len(result.skipped)


def main():
    module = sys.modules["__main__"]
    if sys.argv[1:] == ["--list"]:
        _print_names(module)
        return
    loader = unittest.TestLoader()
    # As they are written: a story has an order.
    loader.getTestCaseNames = _methods
    program = unittest.main(module=module, testLoader=loader, exit=False, verbosity=2)
    postgres.close_shared_server()
    if program.result.wasSuccessful():
        sys.exit(SKIPPED if _all_skipped(program.result) else 0)
    for process in processes.Process.everyone:
        print(f"\n--- the last lines of {process.name}\n{process.last_words}", file=sys.stderr)
    sys.exit(1)
