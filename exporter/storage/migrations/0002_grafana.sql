-- What usagectl has made in Grafana, an org a row. Kept beside the ledger, since a tenant's org
-- is found by its id and not by its name, and since Grafana gives no secret back.
CREATE TABLE grafana_org (
  tenant_id   text PRIMARY KEY,            -- '' is the operator's own org
  org_id      bigint NOT NULL CHECK (org_id > 0),
  name        text NOT NULL,               -- as Grafana has it
  applied     text NOT NULL DEFAULT '',    -- hash of what was applied whole; '' while it is not
  secrets     text NOT NULL DEFAULT '',    -- hash of the gateway token in the data source
  live_token  text NOT NULL DEFAULT '',    -- may push into this org's Live channels and nothing else
  locked_at   timestamptz                  -- the tenant left: users disabled, tokens revoked
);
