-- Published versions and aliases. Plain SQL that both SQLite and PostgreSQL read.

-- A version is a copy of `latest` under a name; both are empty for `latest`.
ALTER TABLE versions ADD COLUMN published BIGINT NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN description TEXT NOT NULL DEFAULT '';

CREATE TABLE aliases (
    func_id TEXT NOT NULL REFERENCES functions (func_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version TEXT NOT NULL, -- the main one
    additional TEXT, -- NULL: every request goes to the main one
    share TEXT NOT NULL, -- JSON: which requests go to the additional one
    description TEXT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    PRIMARY KEY (func_id, name),
    UNIQUE (func_id, version),
    FOREIGN KEY (func_id, version) REFERENCES versions (func_id, qualifier) ON DELETE CASCADE,
    FOREIGN KEY (func_id, additional) REFERENCES versions (func_id, qualifier)
);

-- A trigger may call an alias: its target is a version or an alias, and a foreign key of each holds one of the two.
CREATE TABLE triggers_2 (
    id TEXT NOT NULL PRIMARY KEY,
    func_id TEXT NOT NULL REFERENCES functions (func_id) ON DELETE CASCADE,
    qualifier TEXT NOT NULL, -- of either, as in a URN
    version TEXT, -- NULL: an alias
    alias TEXT, -- NULL: a version
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
    FOREIGN KEY (func_id, version) REFERENCES versions (func_id, qualifier) ON DELETE CASCADE,
    FOREIGN KEY (func_id, alias) REFERENCES aliases (func_id, name),
    FOREIGN KEY (project, group_id) REFERENCES api_groups (project, id)
);
INSERT INTO triggers_2 (id, func_id, qualifier, version, alias, project, group_id, kind, created, updated, host, method, path,
    match_mode, api)
SELECT id, func_id, qualifier, qualifier, NULL, project, group_id, kind, created, updated, host, method, path, match_mode, api
FROM triggers;
DROP TABLE triggers;
ALTER TABLE triggers_2 RENAME TO triggers;
CREATE INDEX triggers_function ON triggers (func_id, qualifier);
CREATE INDEX triggers_group ON triggers (project, group_id);
