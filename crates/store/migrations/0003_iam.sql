-- Who may act: users, groups, roles (policies), agencies and what was granted to them. One domain, several projects.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password TEXT, -- an Argon2id hash in PHC form; NULL: none
    first_password TEXT, -- sealed; the generated one of the first user, until it is changed
    enabled BIGINT NOT NULL,
    epoch BIGINT NOT NULL, -- tokens of an earlier one are void
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    password_set BIGINT,
    details TEXT NOT NULL -- JSON: description, addresses and the like, which decide nothing
);

CREATE TABLE user_groups (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);

-- Custom policies; the system's own are part of the program.
CREATE TABLE roles (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    description_cn TEXT NOT NULL,
    kind TEXT NOT NULL, -- AX: everywhere, XA: in projects
    policy TEXT NOT NULL, -- JSON
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL
);

CREATE TABLE agencies (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    trusted TEXT NOT NULL, -- the domain or the service that may assume it
    description TEXT NOT NULL,
    duration TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT
);

-- A role for a group or an agency, in one project, or everywhere (project is empty).
CREATE TABLE grants (
    holder TEXT NOT NULL, -- id of the group or the agency
    project TEXT NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (holder, project, role_id)
);

ALTER TABLE projects ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN enabled BIGINT NOT NULL DEFAULT 1;

-- Keys of before belong to the first user, who is made when the program starts.
ALTER TABLE credentials ADD COLUMN user_id TEXT REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE credentials ADD COLUMN active BIGINT NOT NULL DEFAULT 1;
ALTER TABLE credentials ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN last_used BIGINT;
