-- The panel's tables, as one that wants to be read and written cheaply would make them: the
-- optional columns of tenants, the index on created_at that docs/grants.md advises, room for
-- updates in place, and no index on a column that changes with the traffic. Part of usage_sim
-- (--create-tables); compose/up and the end-to-end tests load it too. What a panel really makes is
-- tests/support/panel.sql.
CREATE TABLE IF NOT EXISTS tenants (
  id uuid PRIMARY KEY,
  name varchar(255),
  time_zone varchar(64),
  billing_day integer,
  quota_bytes bigint,
  plan varchar(64)
);
CREATE TABLE IF NOT EXISTS user_sessions (
  id uuid PRIMARY KEY,
  tenant_id uuid,
  payment_id uuid,
  voucher varchar(255),
  mac_address varchar(17),
  start_time timestamp,
  end_time timestamp,
  status varchar(20) DEFAULT 'active',
  data_used bigint,
  data_upload bigint,
  data_download bigint,
  created_at timestamp,
  updated_at timestamp
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS user_sessions_tenant_id_idx ON user_sessions (tenant_id);
CREATE INDEX IF NOT EXISTS user_sessions_status_idx ON user_sessions (status);
CREATE INDEX IF NOT EXISTS user_sessions_created_at_idx ON user_sessions (created_at);
