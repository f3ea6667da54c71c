//! Numbers of rows that are read, changed and written back: of two requests at once, one is lost.

use architect_model::Service;
use architect_model::requests::RewriteFact;
use architect_source::{Confidence, Finding, Severity};

use crate::effects::takes_lock;
use crate::loops::subject;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "lost-update",
    group: "sessions",
    docs: include_str!("lost_update.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// Last words of numbers that say which version or place a row has, or when it changed: they are checked by what is
/// compared with them, or put right by the next change.
const PLACES: [&str; 13] = [
    "version",
    "revision",
    "rev",
    "etag",
    "position",
    "order",
    "rank",
    "index",
    "sequence",
    "ordering",
    "at",
    "time",
    "timestamp",
];

/// Whether transactions are told to be serialisable, or to keep what they read: which one cannot be told apart here.
fn is_isolated(service: &Service) -> bool {
    let engines = service.requests.engines.iter().any(|engine| engine.options.contains_key("isolation_level"));
    let own = service.code.functions.iter().filter(|function| !function.aside);
    engines || own.flat_map(|function| &function.keys).any(|key| key == "isolation_level")
}

/// Whether the row is looked up by the account it belongs to, which seldom sends two requests at once.
fn is_of_one_account(service: &Service, fact: &RewriteFact) -> bool {
    let Some(mapper) = service.mapper(fact.key) else { return false };
    let Some(table) = mapper.table_index.and_then(|index| service.tables.get(index)) else { return false };
    let columns = fact.looked_up.iter().filter_map(|name| mapper.column(name)?.column.as_ref());
    let keys = columns.flat_map(|column| table.foreign_keys.iter().filter(|key| key.columns.contains(column)));
    let mut parents = keys.flat_map(|key| &key.targets).filter_map(|target| Some(target.rsplit_once('.')?.0));
    parents.any(|parent| service.tables.iter().any(|table| table.full_name() == parent && table.keeps_passwords()))
}

/// Whether the request keeps what it wrote.
fn commits(service: &Service, fact: &RewriteFact) -> bool {
    service
        .requests
        .entries
        .get(fact.entry)
        .is_some_and(|entry| entry.commits || entry.may_commit || entry.exits.iter().any(|exit| exit.commit.is_some()))
}

fn check(service: &Service) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    if service.requests.rewrites.is_empty() || is_isolated(service) {
        return findings;
    }
    for fact in &service.requests.rewrites {
        let guarded = fact.functions.iter().filter_map(|name| service.code.function(name)).any(takes_lock);
        let Some(entry) = service.requests.entries.get(fact.entry) else { continue };
        if guarded || !commits(service, fact) {
            continue;
        }
        let what = format!("{}.{}", fact.class, fact.attribute);
        let mut trace = vec![step(format!("`{}` starts here", entry.name), &entry.location)];
        trace.extend(
            fact.trace
                .iter()
                .filter(|way| !way.function.is_empty())
                .map(|way| step(format!("Through `{}`", way.function), &way.location)),
        );
        trace.push(step(format!("`{}` was read here, without a lock", fact.class), &fact.query));
        let last = fact.attribute.rsplit('_').next().unwrap_or_default();
        let confidence = if PLACES.contains(&last) || is_of_one_account(service, fact) {
            Confidence::Medium
        } else {
            Confidence::High
        };
        findings.push(Finding {
            trace,
            why: format!(
                "Both read the same `{}` and write what they make of it; the second does not see what the first has \
                 done. Numbers are too small or too large from then on, and a check before (`if stock >= 1`) lets both \
                 through.",
                fact.attribute
            ),
            help: format!(
                "Let the database compute it: `update({}).where(...).values({}=...)` with the column itself on the right \
                 side and the check in `where`; or lock the row with `with_for_update()`.",
                fact.class, fact.attribute
            ),
            trade_off: "A lock makes other requests wait; `version_id_col` lets the second one fail instead. Fine where \
                        there is one writer only."
                .to_owned(),
            ..RULE.finding(
                confidence,
                subject(&fact.function, &fact.location, &what),
                &fact.location,
                format!("Of two requests at once that change `{what}`, one is lost."),
            )
        });
    }
    findings
}
