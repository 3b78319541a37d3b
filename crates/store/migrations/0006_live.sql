-- Reserved instances. Plain SQL that both SQLite and PostgreSQL read.

CREATE TABLE reserves (
    func_id TEXT NOT NULL REFERENCES functions (func_id) ON DELETE CASCADE,
    qualifier TEXT NOT NULL, -- a version, or an alias as !name
    count BIGINT NOT NULL,
    idle_mode BIGINT NOT NULL, -- 1: frozen while idle
    policies TEXT NOT NULL, -- JSON
    PRIMARY KEY (func_id, qualifier)
);
