-- Custom domains of API groups and their certificates. Plain SQL that both SQLite and PostgreSQL read.

ALTER TABLE api_groups ADD COLUMN own_host_closed BIGINT NOT NULL DEFAULT 0; -- 1: only its custom domains answer

CREATE TABLE domains (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    group_id TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE, -- lower case; '*.' at the start stands for one label
    redirect BIGINT NOT NULL, -- 1: plain HTTP is sent to https
    created BIGINT NOT NULL,
    FOREIGN KEY (project, group_id) REFERENCES api_groups (project, id) ON DELETE CASCADE
);
CREATE INDEX domains_group ON domains (project, group_id);

-- Of each domain the one it has now.
CREATE TABLE certificates (
    domain_id TEXT NOT NULL PRIMARY KEY REFERENCES domains (id) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    chain TEXT NOT NULL, -- DER as base64, one after the other with a space between
    private_key TEXT NOT NULL, -- sealed
    ordered BIGINT NOT NULL, -- 1: by funcd itself, which renews it
    not_after BIGINT NOT NULL,
    created BIGINT NOT NULL
);
