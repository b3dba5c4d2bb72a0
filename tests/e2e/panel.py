"""Rows of the panel's tables `tenants` and `user_sessions`, written as the panel writes them."""

import uuid

import postgres


def uid(name):
    """The id of a tenant or a session; the same for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


class Panel:
    def __init__(self, database, schema=postgres.PANEL_WITH_ZONES):
        self.database = database
        database.load(schema)

    def add_tenant(self, name, time_zone="UTC", billing_day=1):
        self.database.sql(f"INSERT INTO tenants (id, name, time_zone, billing_day) VALUES "
                          f"('{uid(name)}', '{name}', '{time_zone}', {billing_day})")

    def remove_tenant(self, name):
        self.database.sql(f"DELETE FROM tenants WHERE id = '{uid(name)}'")

    def open(self, session, tenant, upload=0, download=0, voucher="", ago="1 minute"):
        """A session that began that long ago."""
        self.database.sql(f"""
            INSERT INTO user_sessions (id, tenant_id, voucher, mac_address, start_time, end_time,
              status, data_used, data_upload, data_download, created_at, updated_at)
            SELECT '{uid(session)}', '{uid(tenant)}', nullif('{voucher}', ''), '02:00:00:00:00:01',
              t.now - interval '{ago}', t.now + interval '1 day', 'active', {upload + download},
              {upload}, {download}, t.now - interval '{ago}', t.now
            FROM (SELECT now() AT TIME ZONE 'UTC') t (now)""")

    def report(self, session, upload, download, status="active"):
        self.database.sql(f"""
            UPDATE user_sessions SET data_upload = {upload}, data_download = {download},
              data_used = {upload + download}, status = '{status}',
              end_time = CASE WHEN '{status}' = 'active' THEN end_time
                         ELSE now() AT TIME ZONE 'UTC' END,
              updated_at = now() AT TIME ZONE 'UTC' WHERE id = '{uid(session)}'""")

    def close(self, session, upload, download):
        self.report(session, upload, download, "closed")
