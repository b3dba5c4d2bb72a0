-- Who writes the demonstration's billing database. Who reads it stands in docs/grants.md.

-- FreeRADIUS writes accounting.
GRANT SELECT, INSERT, UPDATE ON radacct, nasreload TO radius;
GRANT USAGE ON SEQUENCE radacct_radacctid_seq TO radius;

-- The simulator is the panel; and it looks what became of its packets.
ALTER TABLE tenants OWNER TO usage_sim;
ALTER TABLE user_sessions OWNER TO usage_sim;
GRANT SELECT ON radacct TO usage_sim;
