//! Which distributions a service needs.

use std::collections::BTreeSet;

use crate::{Database, Design, Hasher, Size};

/// What runs it, with the least versions it was written for.
pub(crate) fn runtime(design: &Design) -> Vec<&'static str> {
    let scaled = design.size == Size::Scaled;
    let driver = match (design.database, design.asynchronous) {
        (Database::Postgres, true) => Some(ASYNCPG),
        (Database::Postgres, false) => Some(PSYCOPG),
        (Database::Sqlite, true) => Some(AIOSQLITE),
        (Database::Sqlite, false) => None,
    };
    let mut needed = vec![
        "alembic>=1.20",
        "fastapi>=0.165",
        "pydantic>=2.14",
        "pydantic-settings>=2.16",
        if design.asynchronous { "sqlalchemy[asyncio]>=2.1" } else { "sqlalchemy>=2.1" },
        "uvicorn[standard]>=0.54",
    ];
    needed.extend(driver);
    if design.accounts {
        needed.extend(["email-validator>=2.4", "pyjwt>=2.15", "python-multipart>=0.0.34"]);
        needed.push(if design.hasher == Hasher::Bcrypt { "bcrypt>=5.0" } else { "argon2-cffi>=25.1" });
    }
    if scaled {
        needed.push("redis>=8.1");
    }
    needed.sort_unstable();
    needed
}

/// Everything that any service may need: what runs it, and what checks it.
pub fn everything() -> (Vec<&'static str>, Vec<&'static str>) {
    let mut needed = (BTreeSet::new(), BTreeSet::new());
    for size in [Size::Prototype, Size::Service, Size::Scaled] {
        for database in [Database::Sqlite, Database::Postgres] {
            for hasher in [Hasher::Bcrypt, Hasher::Argon2] {
                for asynchronous in [true, false] {
                    let (accounts, resources, decisions) = (true, Vec::new(), Vec::new());
                    let name = String::new();
                    let design = Design { name, size, database, accounts, hasher, asynchronous, resources, decisions };
                    needed.0.extend(runtime(&design));
                    needed.1.extend(development(&design));
                }
            }
        }
    }
    // With the extra it is the same package.
    needed.0.remove("sqlalchemy>=2.1");
    (needed.0.into_iter().collect(), needed.1.into_iter().collect())
}

/// What checks it. Tests run on SQLite unless they are given another database.
pub(crate) fn development(design: &Design) -> Vec<&'static str> {
    let mut needed = vec![
        "black>=26.10",
        "flake8>=7.5",
        "httpx2>=2.16",
        "mypy>=2.4",
        "pytest>=9.2",
        "pytest-cov>=7.1",
        "ruff>=0.17",
    ];
    if design.database == Database::Postgres && design.asynchronous {
        needed.push(AIOSQLITE);
    }
    needed.sort_unstable();
    needed
}

const AIOSQLITE: &str = "aiosqlite>=0.22";
const ASYNCPG: &str = "asyncpg>=0.32";
const PSYCOPG: &str = "psycopg[binary]>=3.3";
