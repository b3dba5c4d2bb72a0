-- The panel's tables. Beyond what the panel makes: the optional columns of tenants, and the index on
-- created_at that docs/grants.md advises.
CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  name varchar(255) NOT NULL,
  time_zone text,
  billing_day integer,
  quota_bytes bigint,
  plan text
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
CREATE INDEX ON user_sessions (tenant_id);
CREATE INDEX ON user_sessions (status);
CREATE INDEX ON user_sessions (created_at);
