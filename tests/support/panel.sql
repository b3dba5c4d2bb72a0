-- The panel's tables as it creates them, its indexes included: the exporter reads them as they
-- are and needs no change.
CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  name varchar(255)
);

CREATE TABLE user_sessions (
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
);

CREATE INDEX ON user_sessions (status);
CREATE INDEX ON user_sessions (tenant_id);
CREATE INDEX ON user_sessions (data_used);
CREATE INDEX ON user_sessions (tenant_id, data_used);
