-- What usagectl has made in Grafana, an org a row. Kept beside the ledger: a tenant's org is found
-- by its id and not by its name, and Grafana gives no secret back.
CREATE TABLE grafana_org (
  tenant_id     text PRIMARY KEY,              -- '' is the operator's own org
  org_id        bigint UNIQUE CHECK (org_id > 0),  -- NULL: it is about to be made
  name          text NOT NULL,                 -- as Grafana has it
  applied       jsonb NOT NULL DEFAULT '{}',   -- part of the org → hash of what was applied
  gateway_token text NOT NULL DEFAULT '',      -- id of the token in its data source
  live_token    text NOT NULL DEFAULT '',      -- may push into this org's Live and nothing else
  locked_at     timestamptz                    -- the tenant left: users disabled, tokens revoked
);
