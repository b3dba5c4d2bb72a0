"""Each file of tests/alerts: alerts fire at their minute, with these words, and not before.

promtool runs a file; each is one test of ctest.
"""

import lint  # first: it knows where the others are

import case
import processes


class Promtool(case.Case):
    """Its methods are the files."""

    def check(self, path):
        done = processes.run(["promtool", "test", "rules", str(path)])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


def _method_of(path):
    return lambda self: self.check(path)


for file in lint.TESTS:
    setattr(Promtool, f"test_{file.stem}", _method_of(file))


class Rules(case.Case):
    def test_are_good(self):
        done = processes.run(["promtool", "check", "rules", *map(str, lint.RULES)])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_are_named_by_the_configuration(self):
        config = lint.ROOT / "config/prometheus.yml"
        done = processes.run(["promtool", "check", "config", str(config)])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for path in lint.RULES:
            self.assertIn(f"  - ../{path.relative_to(lint.ROOT)}", config.read_text())


if __name__ == "__main__":
    case.main()
