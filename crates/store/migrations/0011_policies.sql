-- Policies of the gateway, and what they are bound to. Plain SQL that both SQLite and PostgreSQL read.

CREATE TABLE throttles (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    remark TEXT NOT NULL,
    shared BIGINT NOT NULL, -- 1: all its APIs are counted together
    period TEXT NOT NULL, -- JSON
    limits TEXT NOT NULL, -- JSON
    created BIGINT NOT NULL,
    UNIQUE (project, name)
);

CREATE TABLE throttle_specials (
    id TEXT NOT NULL PRIMARY KEY,
    throttle_id TEXT NOT NULL REFERENCES throttles (id) ON DELETE CASCADE,
    object TEXT NOT NULL, -- APP or USER
    object_id TEXT NOT NULL,
    call_limit BIGINT NOT NULL,
    applied BIGINT NOT NULL,
    UNIQUE (throttle_id, object, object_id)
);

CREATE TABLE acls (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    effect TEXT NOT NULL, -- PERMIT or DENY
    entity TEXT NOT NULL, -- IP, DOMAIN or DOMAIN_ID
    value TEXT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (project, name)
);

CREATE TABLE plugins (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL, -- JSON, as it was sent
    remark TEXT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (project, name)
);

CREATE TABLE gateway_responses (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    group_id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_default BIGINT NOT NULL, -- 1: of APIs that name no other
    rules TEXT NOT NULL, -- JSON
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (project, group_id, name),
    FOREIGN KEY (project, group_id) REFERENCES api_groups (project, id) ON DELETE CASCADE
);

-- An API in an environment has one policy in each slot: one throttling policy, one access list of each entity, one plug-in of
-- each type. It need not be published there to keep it.
CREATE TABLE policy_bindings (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL, -- throttle, acl or plugin
    slot TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    api_id TEXT NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    env_id TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (api_id, env_id, kind, slot)
);
CREATE INDEX policy_bindings_policy ON policy_bindings (policy_id);
