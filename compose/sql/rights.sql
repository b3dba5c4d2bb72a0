-- Who may do what in the demonstration's billing database.

-- The exporter reads, and owns a schema of its own: as docs/grants.md has it.
GRANT CONNECT, CREATE ON DATABASE billing TO usage_exporter;
GRANT SELECT ON tenants, user_sessions, radacct TO usage_exporter;

-- FreeRADIUS writes accounting.
GRANT SELECT, INSERT, UPDATE ON radacct, nasreload TO radius;
GRANT USAGE ON SEQUENCE radacct_radacctid_seq TO radius;

-- The simulator is the panel; and it looks what became of its packets.
ALTER TABLE tenants OWNER TO usage_sim;
ALTER TABLE user_sessions OWNER TO usage_sim;
GRANT SELECT ON radacct TO usage_sim;
