"""What the runbooks tell to type works: their SQL, on the ledger's tables and on FreeRADIUS's."""

import re

import lint  # first: it knows where the others are

import case
import postgres

MIGRATIONS = lint.ROOT / "exporter/storage/migrations"
COMMAND = re.compile(r"""psql (ledger|radius) -c (["'])(.*)\2""")


class Runbooks(case.Case):
    def test_have_sql_that_runs(self):
        databases = {"ledger": self.ledger(), "radius": self.new_database(postgres.FREERADIUS_SCHEMA)}
        commands = [(path.name, *found) for path in sorted(lint.RUNBOOKS.glob("*.md"))
                    for found in COMMAND.findall(path.read_text(encoding="utf-8"))]
        self.assertGreater(len(commands), 10)
        for name, database, _, sql in commands:
            with self.subTest(runbook=name, sql=sql):
                databases[database].sql(sql)

    def ledger(self):
        database = self.new_database()
        database.sql("CREATE SCHEMA usage")
        for path in sorted(MIGRATIONS.glob("*.sql")):
            database.sql("SET search_path TO usage; " + path.read_text(encoding="utf-8"))
        return database


if __name__ == "__main__":
    case.main()
