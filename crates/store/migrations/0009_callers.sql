-- Who may call APIs: apps with AppCodes and authorisations, custom authorizers, signature keys. Plain SQL that both SQLite and
-- PostgreSQL read.

CREATE TABLE apps (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    remark TEXT NOT NULL,
    app_key TEXT NOT NULL UNIQUE,
    app_secret TEXT NOT NULL, -- sealed
    acl TEXT, -- JSON; NULL: from anywhere
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (project, name)
);

-- No two apps have the same code; what is sealed cannot say so itself.
CREATE TABLE app_codes (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    code TEXT NOT NULL, -- sealed
    created BIGINT NOT NULL
);
CREATE INDEX app_codes_app ON app_codes (app);

-- An app may call an API in an environment.
CREATE TABLE app_auths (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    api TEXT NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    env TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (app, api, env)
);
CREATE INDEX app_auths_api ON app_auths (api);

CREATE TABLE authorizers (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    settings TEXT NOT NULL, -- JSON
    user_data TEXT NOT NULL, -- sealed
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (project, name)
);

CREATE TABLE signature_keys (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- hmac or basic
    sign_key TEXT NOT NULL,
    sign_secret TEXT NOT NULL, -- sealed
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (project, name)
);

-- An API in an environment has one key.
CREATE TABLE signature_bindings (
    id TEXT NOT NULL PRIMARY KEY,
    signature TEXT NOT NULL REFERENCES signature_keys (id) ON DELETE CASCADE,
    api TEXT NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    env TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (api, env)
);
CREATE INDEX signature_bindings_signature ON signature_bindings (signature);
