"""The double answers as a real Grafana 12.3 did.

A real one is not held to it here: each version has its own answers. 12.4 has another name for an
org in Live's channels, makes no version of a dashboard that is posted again as it was, and says 500
to a search in a foreign org.
"""

import sys

import server  # it makes the modules of tests/e2e known
import case
import processes

FOLDER = server.ROOT / "tests" / "grafana" / "contract"


class Recorded(case.Case):
    def replay(self, contract):
        double = self.use(server.Double(self.folder))
        return processes.run([sys.executable, str(FOLDER / "replay.py"), "--grafana", double.url,
                              "--contract", str(contract)])

    def test_every_exchange_is_answered_alike(self):
        replay = self.replay(FOLDER / "contract.jsonl")
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        self.assertRegex(replay.stdout, r"^1\d\d exchanges, 0 differ\n$")

    def test_another_answer_is_told(self):
        lines = (FOLDER / "contract.jsonl").read_text().splitlines()[:5]
        other = self.folder / "other.jsonl"
        other.write_text("\n".join(lines).replace("Organization name taken", "Name taken"))
        replay = self.replay(other)
        self.assertEqual(replay.returncode, 1)
        self.assertRegex(replay.stdout,
                         r"^DIFFERS  org-create-conflict .*\n5 exchanges, 1 differ\n$")


if __name__ == "__main__":
    case.main()
