//! Libraries the service imports that say something about a topic.

use architect_model::code::ImportOrigin;
use architect_model::service::Service;

use super::Fact;

/// What a library is, for the sentence that names it.
struct Library {
    packages: &'static [&'static str],
    is: &'static str,
    topics: &'static [&'static str],
    answers: Option<(&'static str, &'static str)>,
}

const fn library(
    packages: &'static [&'static str],
    is: &'static str,
    topics: &'static [&'static str],
    answers: Option<(&'static str, &'static str)>,
) -> Library {
    Library { packages, is, topics, answers }
}

const BROKER: Option<(&str, &str)> = Some(("broker", "yes"));

const LIBRARIES: &[Library] = &[
    library(
        &["psycopg", "psycopg2", "asyncpg", "aiosqlite", "pymysql", "aiomysql", "asyncmy"],
        "a database driver",
        &["database-access"],
        None,
    ),
    library(&["redis", "valkey"], "a client of Redis", &["caching", "rate-limiting", "background-work"], BROKER),
    library(
        &["celery", "dramatiq", "rq", "arq", "pika", "aio_pika", "kafka", "aiokafka", "faststream"],
        "work through a broker",
        &["background-work", "rate-limiting"],
        BROKER,
    ),
    library(
        &["procrastinate", "pgqueuer", "apscheduler", "huey", "taskiq"],
        "work beside requests",
        &["background-work"],
        None,
    ),
    library(
        &["aiocache", "cachetools", "fastapi_cache", "cashews", "diskcache", "cachelib"],
        "a cache",
        &["caching"],
        None,
    ),
    library(&["slowapi", "fastapi_limiter", "limits"], "rate limiting", &["rate-limiting"], None),
    library(
        &["jwt", "jose", "joserfc", "authlib", "fastapi_users", "itsdangerous"],
        "tokens or logins",
        &["authentication", "refresh-tokens"],
        None,
    ),
    library(&["bcrypt"], "password hashing", &["password-hashing"], Some(("existing-hashes", "bcrypt"))),
    library(&["argon2"], "password hashing", &["password-hashing"], Some(("existing-hashes", "argon2"))),
    library(&["passlib", "pwdlib"], "password hashing", &["password-hashing"], None),
    library(&["casbin", "oso", "openfga_sdk"], "a policy engine", &["authorization"], None),
    library(&["boto3", "aioboto3"], "a client of AWS, which has object storage", &["file-uploads"], None),
    library(&["minio", "google.cloud.storage", "azure.storage.blob"], "object storage", &["file-uploads"], None),
    library(&["elasticsearch", "opensearchpy", "meilisearch", "typesense"], "a search engine", &["search"], None),
    library(
        &[
            "structlog",
            "loguru",
            "sentry_sdk",
            "opentelemetry",
            "prometheus_client",
            "prometheus_fastapi_instrumentator",
            "ddtrace",
            "logfire",
            "newrelic",
        ],
        "observability",
        &["observability"],
        None,
    ),
];

pub(super) fn read(service: &Service, out: &mut Vec<Fact>) {
    for library in LIBRARIES {
        for package in library.packages {
            let import = service.code.modules.iter().filter(|module| !module.aside).find_map(|module| {
                module.imports.iter().find(|import| {
                    import.origin == ImportOrigin::ThirdParty && !import.for_types && is_within(&import.module, package)
                })
            });
            let Some(import) = import else { continue };
            let statement = format!("`{package}` is imported ({})", library.is);
            let mut fact = Fact::new(library.topics, statement, Some(&import.location));
            if let Some((id, value)) = library.answers
                && let Some(setting) = crate::input(id).and_then(|input| input.parse(value).ok())
            {
                fact = fact.answering(id, setting);
            }
            out.push(fact);
        }
    }
}

/// Whether a module is a package or in it.
fn is_within(module: &str, package: &str) -> bool {
    module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_and_answer_exists() {
        for library in LIBRARIES {
            assert!(library.topics.iter().all(|id| crate::topic(id).is_some()), "{:?}", library.packages);
            if let Some((id, value)) = library.answers {
                assert!(crate::input(id).unwrap().parse(value).is_ok(), "{id}={value}");
            }
        }
    }

    #[test]
    fn a_package_is_not_its_namesake() {
        assert!(is_within("redis.asyncio", "redis") && is_within("redis", "redis"));
        assert!(!is_within("redis_om", "redis") && !is_within("google.cloud.tasks", "google.cloud.storage"));
    }
}
