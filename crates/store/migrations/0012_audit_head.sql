-- Rows of the audit trail are only ever added, whoever writes to the database: what is there is neither changed nor removed.
CREATE TRIGGER audit_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is only ever added to');
END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is only ever added to');
END;
-- INSERT OR REPLACE would remove without a DELETE.
CREATE TRIGGER audit_insert BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number OR id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is only ever added to');
END;

-- The last event, sealed with the key file's key, so that a trail whose end was cut off shows. Made, and filled from the trail of
-- before, by crates/store/src/audit/head.rs just before this: only who has the key can.
CREATE TABLE IF NOT EXISTS audit_head (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    seal TEXT NOT NULL
);
