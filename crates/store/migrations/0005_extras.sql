-- Test events, tags and dependencies. Plain SQL that both SQLite and PostgreSQL read.

CREATE TABLE test_events (
    id TEXT NOT NULL PRIMARY KEY,
    func_id TEXT NOT NULL REFERENCES functions (func_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content TEXT NOT NULL, -- JSON
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (func_id, name)
);

CREATE TABLE tags (
    func_id TEXT NOT NULL REFERENCES functions (func_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (func_id, name)
);

CREATE TABLE dependencies (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    newest BIGINT NOT NULL, -- number of the version made last; no number is given twice
    created BIGINT NOT NULL,
    UNIQUE (project, name)
);

-- Which functions use one stands in versions.config.
CREATE TABLE dependency_versions (
    id TEXT NOT NULL PRIMARY KEY,
    dependency TEXT NOT NULL REFERENCES dependencies (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    runtime TEXT NOT NULL,
    description TEXT NOT NULL,
    link TEXT NOT NULL, -- where it was read from; empty when it came in the request
    filename TEXT NOT NULL,
    sha256 TEXT NOT NULL, -- name of the package in blobs/ and of its folder in code/
    size BIGINT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (dependency, number)
);
CREATE INDEX dependency_versions_sha256 ON dependency_versions (sha256);
