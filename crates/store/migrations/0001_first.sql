-- Plain SQL that both SQLite and PostgreSQL read. Times are microseconds since 1970 (UTC), sealed values base64 text.

-- Grows by one with every change; the revision of a version is the generation that wrote it.
CREATE TABLE generation (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    value BIGINT NOT NULL
);
INSERT INTO generation (one, value) VALUES (1, 0);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY,
    created BIGINT NOT NULL
);

CREATE TABLE credentials (
    access_key TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    secret_key TEXT NOT NULL, -- sealed
    created BIGINT NOT NULL
);

CREATE TABLE functions (
    func_id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    package TEXT NOT NULL,
    name TEXT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (project, package, name)
);

CREATE TABLE versions (
    func_id TEXT NOT NULL REFERENCES functions (func_id) ON DELETE CASCADE,
    qualifier TEXT NOT NULL,
    revision BIGINT NOT NULL,
    config TEXT NOT NULL, -- JSON
    encrypted_user_data TEXT NOT NULL, -- JSON object: name to sealed value
    code_type TEXT NOT NULL,
    filename TEXT NOT NULL,
    sha256 TEXT NOT NULL, -- name of the package in blobs/ and of its folder in code/
    sha512 TEXT NOT NULL,
    size BIGINT NOT NULL,
    entry TEXT NOT NULL, -- JSON
    PRIMARY KEY (func_id, qualifier)
);
CREATE INDEX versions_sha256 ON versions (sha256);

CREATE TABLE api_groups (
    project TEXT NOT NULL REFERENCES projects (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    domain TEXT UNIQUE, -- NULL: the default group
    PRIMARY KEY (project, id)
);
CREATE UNIQUE INDEX api_groups_default ON api_groups (project) WHERE domain IS NULL;

-- host, method, path and match_mode repeat what is in api (and in the group) in the form in which the gateway compares them.
CREATE TABLE triggers (
    id TEXT NOT NULL PRIMARY KEY,
    func_id TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    project TEXT NOT NULL,
    group_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    host TEXT NOT NULL, -- domain of the group, empty for the default one
    method TEXT NOT NULL, -- upper case, or ANY
    path TEXT NOT NULL, -- without a trailing slash
    match_mode TEXT NOT NULL,
    api TEXT NOT NULL, -- JSON
    UNIQUE (host, method, path, match_mode),
    FOREIGN KEY (func_id, qualifier) REFERENCES versions (func_id, qualifier) ON DELETE CASCADE,
    FOREIGN KEY (project, group_id) REFERENCES api_groups (project, id)
);
CREATE INDEX triggers_function ON triggers (func_id, qualifier);
CREATE INDEX triggers_group ON triggers (project, group_id);
