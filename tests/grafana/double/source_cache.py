"""Which data source a query uses: not the stored one, but what Grafana remembers of it.

Two memories, as in 12.3: the data source's row for five seconds, and the client made of it for as
long as the row's whole second of change stays the same. Hence a secret that was written twice
within one second, with a query between, is used as it was first.
"""

import copy

_KEEP = 5.0  # seconds


class SourceCache:
    def __init__(self, state):
        self._state = state
        self._rows = {}  # (org, uid) -> (until, DataSource)
        self._clients = {}  # (org, uid) -> DataSource

    def get(self, org, uid):
        """A DataSource as it is used now, or None; a deleted one is found for five seconds more."""
        key, now = (org.id, uid), self._state.clock.now()
        until, row = self._rows.get(key, (0.0, None))
        if until <= now:
            row = copy.deepcopy(org.data_sources.get(uid))
            self._rows[key] = (now + _KEEP, row)
        if row is None:
            del self._rows[key]  # that there is none is not remembered
            return None
        client = self._clients.get(key)
        if client is None or (client.id, int(client.updated)) != (row.id, int(row.updated)):
            client = self._clients[key] = row
        return client
