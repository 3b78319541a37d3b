-- APIs of the gateway, what is published of them, and where. Plain SQL that both SQLite and PostgreSQL read.

ALTER TABLE api_groups ADD COLUMN remark TEXT NOT NULL DEFAULT '';
ALTER TABLE api_groups ADD COLUMN created BIGINT NOT NULL DEFAULT 0; -- 0: not known
ALTER TABLE api_groups ADD COLUMN modified BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_groups ADD COLUMN own BIGINT NOT NULL DEFAULT 0; -- 1: made for its own sake; the others go with their last API

-- RELEASE is built in: it has no row.
CREATE TABLE environments (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    remark TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (project, name)
);

CREATE TABLE environment_variables (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    group_id TEXT NOT NULL,
    env_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (project, group_id, env_id, name),
    FOREIGN KEY (project, group_id) REFERENCES api_groups (project, id) ON DELETE CASCADE
);

-- As it is being edited. method, shape and match_mode repeat what is in the definition, as the gateway compares it.
CREATE TABLE apis (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    group_id TEXT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    method TEXT NOT NULL, -- upper case, or ANY
    shape TEXT NOT NULL, -- the path without a trailing slash and without the names of its variables
    match_mode TEXT NOT NULL,
    definition TEXT NOT NULL, -- JSON
    UNIQUE (project, group_id, method, shape, match_mode),
    FOREIGN KEY (project, group_id) REFERENCES api_groups (project, id)
);

-- What was published once; never changes.
CREATE TABLE api_versions (
    id TEXT NOT NULL PRIMARY KEY,
    api_id TEXT NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    env_id TEXT NOT NULL,
    number BIGINT NOT NULL, -- counts within API and environment
    remark TEXT NOT NULL,
    published BIGINT NOT NULL,
    definition TEXT NOT NULL, -- JSON
    UNIQUE (api_id, env_id, number)
);

-- What is reachable now.
CREATE TABLE publications (
    api_id TEXT NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    env_id TEXT NOT NULL,
    stage TEXT NOT NULL, -- name of the environment
    version_id TEXT NOT NULL REFERENCES api_versions (id),
    publish_id TEXT NOT NULL,
    published BIGINT NOT NULL,
    project TEXT NOT NULL,
    group_id TEXT NOT NULL,
    host TEXT NOT NULL, -- domain of the group, empty for the default one
    method TEXT NOT NULL,
    path TEXT NOT NULL, -- with the environment's variables filled in
    shape TEXT NOT NULL,
    match_mode TEXT NOT NULL,
    PRIMARY KEY (api_id, env_id),
    UNIQUE (host, stage, method, shape, match_mode),
    FOREIGN KEY (project, group_id) REFERENCES api_groups (project, id)
);
CREATE INDEX publications_group ON publications (project, group_id);

-- Until now an API was part of its trigger, published in RELEASE. Its JSON began with its id, which is a column from now on; the
-- function it calls was a column, which is part of the definition from now on. Names of functions need no escape in JSON.
INSERT INTO apis (id, project, group_id, created, modified, method, shape, match_mode, definition)
SELECT substr(t.api, 8, 32), t.project, t.group_id, t.created, t.updated, t.method, t.path, t.match_mode,
    '{"package":"' || f.package || '","function":"' || f.name || '","qualifier":"' || t.qualifier || '",' || substr(t.api, 2)
FROM triggers t JOIN functions f ON f.func_id = t.func_id;

INSERT INTO api_versions (id, api_id, env_id, number, remark, published, definition)
SELECT t.id, a.id, 'DEFAULT_ENVIRONMENT_RELEASE_ID', 1, '', t.updated, a.definition
FROM triggers t JOIN apis a ON a.id = substr(t.api, 8, 32);

INSERT INTO publications (api_id, env_id, stage, version_id, publish_id, published, project, group_id, host, method, path, shape,
    match_mode)
SELECT a.id, 'DEFAULT_ENVIRONMENT_RELEASE_ID', 'RELEASE', t.id, t.id, t.updated, t.project, t.group_id, t.host, t.method, t.path,
    t.path, t.match_mode
FROM triggers t JOIN apis a ON a.id = substr(t.api, 8, 32);

CREATE TABLE triggers_2 (
    id TEXT NOT NULL PRIMARY KEY,
    func_id TEXT NOT NULL REFERENCES functions (func_id) ON DELETE CASCADE,
    qualifier TEXT NOT NULL, -- of a version or an alias, as in a URN
    version TEXT, -- NULL: an alias
    alias TEXT, -- NULL: a version
    project TEXT NOT NULL,
    kind TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    api_id TEXT NOT NULL UNIQUE REFERENCES apis (id) ON DELETE CASCADE,
    env_id TEXT NOT NULL, -- where it shows its API
    FOREIGN KEY (func_id, version) REFERENCES versions (func_id, qualifier) ON DELETE CASCADE,
    FOREIGN KEY (func_id, alias) REFERENCES aliases (func_id, name)
);
INSERT INTO triggers_2 (id, func_id, qualifier, version, alias, project, kind, created, updated, api_id, env_id)
SELECT id, func_id, qualifier, version, alias, project, kind, created, updated, substr(api, 8, 32),
    'DEFAULT_ENVIRONMENT_RELEASE_ID'
FROM triggers;
DROP TABLE triggers;
ALTER TABLE triggers_2 RENAME TO triggers;
CREATE INDEX triggers_function ON triggers (func_id, qualifier);
