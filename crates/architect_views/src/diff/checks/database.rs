//! Tables, columns, keys and indexes.

use crate::diff::check::{checks, direction, level, otherwise};

checks! {
    TABLE_DROPPED = "table-dropped" breaking (risky if "something could not be read that may still have it") both
        "the table {subject} is gone" "drop it in a later release than the code that used it; its rows are lost" [];
    TABLE_ADDED = "table-added" compatible both
        "the table {subject} is new" "create it before the code that uses it runs" [];
    TABLE_RENAMED = "table-renamed" breaking both
        "the table {old} is called {new}" "rename it in the moment of the release, or keep a view by the old name" [];
    COLUMN_DROPPED = "column-dropped" breaking both
        "the column {subject} is gone" "drop it in a later release than the code that used it; its values are lost" [];
    COLUMN_ADDED_REQUIRED = "column-added-required" breaking both
        "the column {subject} is new, cannot be NULL and has no default in the database"
        "add it as nullable or with a server default, fill it, then forbid NULL" [];
    COLUMN_ADDED = "column-added" compatible both
        "the column {subject} is new" "add it before the code that uses it runs" [];
    COLUMN_RENAMED = "column-renamed" breaking both
        "the column {old} is called {subject}" "add the new one, copy, switch, and drop the old one in a later release" [];
    COLUMN_RETYPED = "column-retyped" breaking (risky if "every old value fits into the new type") both
        "the column {subject} is {new} instead of {old}"
        "convert its values; PostgreSQL rewrites the table under a lock for most changes of type" [];
    COLUMN_BECAME_NOT_NULL = "column-became-not-null" breaking both
        "the column {subject} cannot be NULL" "fill NULLs first; rows that have them stop the migration" [];
    COLUMN_BECAME_NULLABLE = "column-became-nullable" risky both
        "the column {subject} may be NULL" "expect NULL where it is read" [];
    SERVER_DEFAULT_REMOVED = "server-default-removed" risky both
        "the column {subject} has no default in the database any more; it was {old}"
        "give a value wherever rows are inserted by other means than this code" [];
    SERVER_DEFAULT_ADDED = "server-default-added" compatible both
        "the database fills {subject} with {new}" "nothing" [];
    SERVER_DEFAULT_CHANGED = "server-default-changed" risky both
        "the database fills {subject} with {new} instead of {old}" "check who relies on it" [];
    PRIMARY_KEY_CHANGED = "primary-key-changed" breaking both
        "the primary key of {subject} is {new} instead of {old}"
        "rebuild the key, and everything that refers to it" [];
    FOREIGN_KEY_ADDED = "foreign-key-added" risky both
        "{subject} refers to {new}" "remove rows that refer to nothing first; add it NOT VALID, then validate" [];
    FOREIGN_KEY_REMOVED = "foreign-key-removed" risky both
        "{subject} no longer refers to {old}" "expect rows that refer to nothing" [];
    FOREIGN_KEY_ACTION_CHANGED = "foreign-key-action-changed" risky both
        "deleting what {subject} refers to does {new} instead of {old}" "check every place that deletes" [];
    UNIQUE_ADDED = "unique-added" breaking both
        "{subject} is unique" "remove duplicates first; inserting one fails from now on" [];
    UNIQUE_REMOVED = "unique-removed" risky both
        "{subject} is no longer unique" "expect duplicates" [];
    CHECK_ADDED = "check-constraint-added" risky both
        "{subject} has to satisfy {new}" "correct rows that do not; add it NOT VALID, then validate" [];
    CHECK_REMOVED = "check-constraint-removed" risky both
        "{subject} need not satisfy {old}" "expect other values" [];
    INDEX_ADDED = "index-added" compatible both
        "{subject} has an index" "create it concurrently where the table is large" [];
    INDEX_REMOVED = "index-removed" risky both
        "{subject} has no index any more" "check the queries that used it" [];
}
