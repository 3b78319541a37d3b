-- Pinned functions come first in lists; a package may come from an address.
ALTER TABLE functions ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0; -- 1: pinned
ALTER TABLE versions ADD COLUMN code_url TEXT NOT NULL DEFAULT '';
