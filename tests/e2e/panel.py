"""Rows of the panel's tables `tenants` and `user_sessions`, written as the panel writes them."""

import uuid

import postgres
import times


def uid(name):
    """The id of a tenant or a session; the same for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


class Panel:
    def __init__(self, database, schema=postgres.PANEL_WITH_ZONES):
        self.database = database
        database.load(schema)

    def add_tenant(self, name, time_zone="UTC", billing_day=1, quota=None):
        self.database.sql(f"INSERT INTO tenants (id, name, time_zone, billing_day, quota_bytes) "
                          f"VALUES ('{uid(name)}', '{name}', '{time_zone}', {billing_day}, "
                          f"{'NULL' if quota is None else quota})")

    def set_quota(self, name, quota):
        self.database.sql(f"UPDATE tenants SET quota_bytes = {quota} WHERE id = '{uid(name)}'")

    def remove_tenant(self, name):
        self.database.sql(f"DELETE FROM tenants WHERE id = '{uid(name)}'")

    def open(self, session, tenant, upload=0, download=0, voucher="", started=None, at=None):
        """A session with the counters that it had at that time; times default to now."""
        at = at or times.now()
        started = started or at
        self.database.sql(f"""
            INSERT INTO user_sessions (id, tenant_id, voucher, mac_address, start_time, end_time,
              status, data_used, data_upload, data_download, created_at, updated_at)
            VALUES ('{uid(session)}', {f"'{uid(tenant)}'" if tenant else 'NULL'}, nullif('{voucher}', ''),
              '02:00:00:00:00:01', '{started:%F %T}', '{started:%F %T}'::timestamp + interval '30 d',
              'active', {upload + download}, {upload}, {download}, now() AT TIME ZONE 'UTC',
              '{at:%F %T}')""")

    def report(self, session, upload, download, status="active"):
        self.database.sql(f"""
            UPDATE user_sessions SET data_upload = {upload}, data_download = {download},
              data_used = {upload + download}, status = '{status}',
              end_time = CASE WHEN '{status}' = 'active' THEN end_time
                         ELSE now() AT TIME ZONE 'UTC' END,
              updated_at = now() AT TIME ZONE 'UTC' WHERE id = '{uid(session)}'""")

    def close(self, session, upload, download):
        self.report(session, upload, download, "closed")
