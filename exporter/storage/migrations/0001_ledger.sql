-- The ledger. Runs with search_path set to the configured schema (default: usage).
--
-- A cycle is one row of `journal`: what changed, in a compact form, in the transaction that also
-- moves `state.seq`. About every minute the journal is folded into the other tables. So 50,000
-- sessions that change every 5 seconds cost one record a cycle and one UPDATE of each row a
-- minute; a restart reads the tables and replays the journal. Who reads these tables sees the
-- state of the last fold, at state.folded_at.

CREATE TABLE state (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  born_at    timestamptz NOT NULL DEFAULT now(),
  writer     bigint NOT NULL DEFAULT 0,  -- counts the writers that there were: a lost one is fenced off
  seq        bigint NOT NULL DEFAULT 0,  -- of the last change
  folded_seq bigint NOT NULL DEFAULT 0,
  folded_at  timestamptz
);
INSERT INTO state DEFAULT VALUES;

CREATE TABLE journal (
  seq    bigint PRIMARY KEY,
  record bytea NOT NULL
);

CREATE TABLE source (
  source_ref smallint PRIMARY KEY,
  name       text NOT NULL UNIQUE,
  cursor     text NOT NULL DEFAULT ''
) WITH (fillfactor = 50);

CREATE TABLE tenant (
  tenant_id   text PRIMARY KEY,
  name        text NOT NULL,
  plan        text NOT NULL,
  quota_bytes bigint,
  gone_since  timestamptz,
  -- The calendar and its history, oldest first: [{from, first_day, first_period, zone, billing_day}].
  eras        jsonb NOT NULL
);

CREATE TABLE account (
  account_ref integer PRIMARY KEY,
  tenant_id   text NOT NULL,
  access      text NOT NULL CHECK (access IN ('hotspot', 'pppoe')),
  subscriber  text NOT NULL,
  UNIQUE (tenant_id, access, subscriber)
);

CREATE TABLE session (
  session_ref      bigint PRIMARY KEY,
  source_ref       smallint NOT NULL,
  key              text NOT NULL,
  account_ref      integer NOT NULL,
  counted_upload   bigint NOT NULL,  -- the counters that the next growth is measured from
  counted_download bigint NOT NULL,
  booked_upload    bigint NOT NULL,  -- what it has added to totals: its days sum to this
  booked_download  bigint NOT NULL,
  started_at       timestamptz,
  marked_at        timestamptz NOT NULL,  -- booked up to here
  stamp_at         timestamptz,
  closed_at        timestamptz,
  by_readers_clock boolean NOT NULL,
  refused          boolean NOT NULL
) WITH (fillfactor = 60);
CREATE INDEX session_key ON session (source_ref, key);
CREATE INDEX session_open ON session (source_ref) WHERE closed_at IS NULL;
CREATE INDEX session_closed ON session (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE session_day (
  session_ref    bigint,
  account_ref    integer NOT NULL,
  day            date,
  upload_bytes   bigint NOT NULL,
  download_bytes bigint NOT NULL,
  PRIMARY KEY (session_ref, day)
) WITH (fillfactor = 70);

CREATE TABLE account_day (
  account_ref    integer,
  day            date,
  upload_bytes   bigint NOT NULL,
  download_bytes bigint NOT NULL,
  PRIMARY KEY (account_ref, day)
) WITH (fillfactor = 70);

CREATE TABLE account_month (
  account_ref    integer,
  period         date,  -- the first day of the billing month
  upload_bytes   bigint NOT NULL,
  download_bytes bigint NOT NULL,
  PRIMARY KEY (account_ref, period)
) WITH (fillfactor = 70);

CREATE TABLE tenant_day (
  tenant_id      text,
  access         text,
  day            date,
  upload_bytes   bigint NOT NULL,
  download_bytes bigint NOT NULL,
  PRIMARY KEY (tenant_id, access, day)
) WITH (fillfactor = 70);

CREATE TABLE tenant_month (
  tenant_id      text,
  access         text,
  period         date,
  upload_bytes   bigint NOT NULL,
  download_bytes bigint NOT NULL,
  PRIMARY KEY (tenant_id, access, period)
) WITH (fillfactor = 70);

CREATE TABLE tenant_total (
  tenant_id        text,
  access           text,
  upload_bytes     bigint NOT NULL,
  download_bytes   bigint NOT NULL,
  sessions_started bigint NOT NULL,
  sessions_ended   bigint NOT NULL,
  data_at          timestamptz,  -- the newest accounting data
  PRIMARY KEY (tenant_id, access)
) WITH (fillfactor = 50);

-- Bytes of sessions whose tenant is not in the list of tenants, with the time in which they flowed.
CREATE TABLE parked (
  session_ref    bigint,
  account_ref    integer NOT NULL,
  source_ref     smallint NOT NULL,
  from_at        timestamptz,
  to_at          timestamptz,
  upload_bytes   bigint NOT NULL,
  download_bytes bigint NOT NULL,
  PRIMARY KEY (session_ref, from_at, to_at)
);
CREATE INDEX parked_account ON parked (account_ref);

-- A line for each change of a day that was closed.
CREATE TABLE audit (
  audit_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booked_at      timestamptz NOT NULL,
  tenant_id      text NOT NULL,
  access         text NOT NULL,
  subscriber     text NOT NULL,
  day            date NOT NULL,
  session_ref    bigint NOT NULL,
  upload_bytes   bigint NOT NULL,
  download_bytes bigint NOT NULL
);
CREATE INDEX audit_tenant_day ON audit (tenant_id, day);

CREATE VIEW subscriber_day AS
  SELECT tenant_id, access, subscriber, day, upload_bytes, download_bytes
  FROM account_day JOIN account USING (account_ref);

CREATE VIEW subscriber_month AS
  SELECT tenant_id, access, subscriber, period, upload_bytes, download_bytes
  FROM account_month JOIN account USING (account_ref);
