-- Who changed what. Rows are only ever added; each carries the hash of the one before it (crates/store/src/audit/chain.rs).
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY, -- 1, 2, 3, …
    at BIGINT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL, -- empty where the whole account is concerned
    user_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    access_key TEXT NOT NULL,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    event TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    before_digest TEXT NOT NULL, -- empty: it was not there
    after_digest TEXT NOT NULL, -- empty: it is not there
    status BIGINT NOT NULL,
    message TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_project ON audit (project, number);
CREATE INDEX audit_resource ON audit (resource_type, resource_id);
