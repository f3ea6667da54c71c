//! Times with a zone for columns without one.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Form, Operand};
use architect_model::tables::{Column, Mapper};
use architect_source::{Confidence, Finding, Location, Severity};

use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "naive-aware-datetime",
    group: "schemas",
    docs: include_str!("naive_aware_datetime.md"),
    severity: Severity::Error,
    since: "0.3.0",
    check,
};

fn check(service: &Service) -> Vec<Finding> {
    if !is_asyncpg(service) {
        return Vec::new();
    }
    let naive = naive_columns(service);
    let mut findings: Vec<Finding> = Vec::new();
    for ((class, attribute), place) in &naive {
        let declared = service
            .code
            .ancestors(class)
            .iter()
            .find_map(|name| service.code.class(name)?.fields.iter().find(|field| field.name == *attribute));
        let given = declared.and_then(|field| field.value.as_ref()).and_then(|value| {
            ["default", "default_factory", "onupdate", "insert_default"].iter().find_map(|name| {
                value.items.iter().find(|item| item.keyword.as_deref() == Some(name) && is_aware(service, item))
            })
        });
        if let Some(given) = given {
            findings.push(finding(class, attribute, place, &given.location, "is what it gets where nothing is given"));
        }
    }
    let attributes: BTreeSet<&str> = naive.keys().map(|(_, attribute)| attribute.as_str()).collect();
    // An attribute that another class stores with a zone may be meant.
    let only_naive =
        |attribute: &str| service.mappers.iter().filter_map(|mapper| column(service, mapper, attribute)).all(is_naive);
    for function in service.code.functions.iter().filter(|function| !function.aside) {
        for store in &function.stores {
            let (Some((_, attribute)), Some(value)) = (store.target.rsplit_once('.'), &store.value) else { continue };
            if store.root == "self" || !attributes.contains(attribute) || !is_aware_value(service, value) {
                continue;
            }
            let Some(((class, attribute), place)) =
                naive.iter().find(|((_, known), _)| known == attribute && only_naive(known))
            else {
                continue;
            };
            findings.push(finding(class, attribute, place, &store.location, "is assigned here"));
        }
        for call in &function.calls {
            let Some(class) = call.callee.as_deref() else { continue };
            for argument in &call.arguments {
                let Some(keyword) = &argument.keyword else { continue };
                if let Some(place) = naive.get(&(class.to_owned(), keyword.clone()))
                    && is_aware_value(service, argument)
                {
                    findings.push(finding(class, keyword, place, &argument.location, "is given here"));
                }
            }
        }
    }
    // One place is enough for a column.
    let mut kept: Vec<Finding> = Vec::new();
    for one in findings {
        if kept.iter().all(|known| known.subject != one.subject) {
            kept.push(one);
        }
    }
    kept
}

fn finding(class: &str, attribute: &str, column: &Location, place: &Location, how: &str) -> Finding {
    Finding {
        trace: vec![
            step(format!("`{}.{attribute}` is a column without a time zone", short(class)), column),
            step(format!("a time with a zone {how}"), place),
        ],
        why: "asyncpg does not convert: it raises `can't subtract offset-naive and offset-aware datetimes`, and \
              the statement fails each time. SQLite and psycopg take it, so tests on these do not show it."
            .to_owned(),
        help: "Make the column `DateTime(timezone=True)`, with a migration; or store UTC without a zone \
               throughout."
            .to_owned(),
        trade_off: "The migration has to say in which zone the times that are there were meant.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{class} {attribute}"),
            place,
            format!("`{}.{attribute}` takes times without a zone, and asyncpg refuses this one.", short(class)),
        )
    }
}

/// Whether PostgreSQL is spoken to by asyncpg, and by nothing else.
fn is_asyncpg(service: &Service) -> bool {
    let engines = &service.requests.engines;
    let known: Vec<&str> = engines.iter().filter_map(|engine| engine.driver.as_deref()).collect();
    if known.is_empty() {
        let others = service.requests.drivers.iter().any(|driver| driver != "asyncpg" && driver.starts_with("psycopg"));
        return service.requests.drivers.iter().any(|driver| driver == "asyncpg") && !others;
    }
    known.iter().all(|driver| *driver == "asyncpg")
}

/// Columns of SQLAlchemy's own type without a zone, by class and attribute.
fn naive_columns(service: &Service) -> BTreeMap<(String, String), Location> {
    let mut out = BTreeMap::new();
    for mapper in &service.mappers {
        for attribute in &mapper.columns {
            let Some(found) = column(service, mapper, &attribute.name).filter(|found| is_naive(found)) else {
                continue;
            };
            let Some(place) = found.location.clone() else { continue };
            if !has_own_type(service, &mapper.class, &attribute.name) {
                out.insert((mapper.class.clone(), attribute.name.clone()), place);
            }
        }
    }
    out
}

fn is_naive(column: &Column) -> bool {
    matches!(column.type_postgresql.as_deref(), Some("TIMESTAMP WITHOUT TIME ZONE" | "TIMESTAMP"))
}

/// Whether the type of a column, or the annotation it comes from, is one of the project, which may convert.
fn has_own_type(service: &Service, class: &str, attribute: &str) -> bool {
    let family = service.code.ancestors(class);
    let field =
        family.iter().find_map(|name| service.code.class(name)?.fields.iter().find(|field| field.name == attribute));
    let Some(field) = field else { return true };
    let own = |operand: &Operand| operand.name.as_deref().is_some_and(|name| name.contains(':'));
    let typed = field.value.as_ref().is_some_and(|value| {
        own(value)
            || value.items.iter().any(|item| {
                (item.keyword.is_none() || matches!(item.keyword.as_deref(), Some("type_" | "sa_type" | "sa_column")))
                    && item.flat().iter().any(|part| own(part))
            })
    });
    let annotation = field.annotation.as_deref().unwrap_or_default().replace(' ', "");
    let plain = annotation.is_empty()
        || ["datetime", "datetime.datetime", "dt.datetime"].iter().any(|name| {
            let inner =
                annotation.strip_prefix("Mapped[").and_then(|rest| rest.strip_suffix(']')).unwrap_or(&annotation);
            let inner = inner.strip_suffix("|None").unwrap_or(inner);
            let inner = inner.strip_prefix("Optional[").and_then(|rest| rest.strip_suffix(']')).unwrap_or(inner);
            inner == *name
        });
    let mapped = family.iter().any(|name| {
        service
            .code
            .class(name)
            .is_some_and(|class| class.fields.iter().any(|field| field.name == "type_annotation_map"))
    });
    typed || !plain || mapped && field.value.as_ref().is_none_or(|value| !value.text.contains("DateTime"))
}

fn column<'s>(service: &'s Service, mapper: &Mapper, attribute: &str) -> Option<&'s Column> {
    let found = mapper.column(attribute)?;
    let table = found.table.as_deref()?;
    service.tables.iter().find(|one| one.full_name() == table)?.column(found.column.as_deref()?)
}

/// Whether a default makes times with a zone: a lambda that says so, or a function of the project that returns one.
fn is_aware(service: &Service, default: &Operand) -> bool {
    if let Some(function) = default.name.as_deref().and_then(|name| service.code.function(name)) {
        return !function.returns.is_empty()
            && function.returns.iter().all(|returned| is_now_with_zone(&returned.value.text));
    }
    default.text.starts_with("lambda") && default.text.split_once(':').is_some_and(|(_, body)| is_now_with_zone(body))
}

/// Whether an expression is such a time, made here or by a function of the project that returns nothing else.
fn is_aware_value(service: &Service, value: &Operand) -> bool {
    if is_now_with_zone(&value.text) {
        return true;
    }
    let function = value.name.as_deref().filter(|_| value.form == Form::Call);
    let Some(function) = function.and_then(|name| service.code.function(name)) else { return false };
    !function.returns.is_empty() && function.returns.iter().all(|returned| is_now_with_zone(&returned.value.text))
}

/// `datetime.now(UTC)`, alone or with a timedelta added.
fn is_now_with_zone(text: &str) -> bool {
    let text = text.replace([' ', '\n'], "");
    let text = text.strip_prefix('(').unwrap_or(&text);
    let rest = ["datetime.now(", "datetime.datetime.now(", "dt.now(", "dt.datetime.now("]
        .iter()
        .find_map(|start| text.strip_prefix(start));
    let Some((zone, after)) = rest.and_then(|rest| rest.split_once(')')) else { return false };
    let zone = zone.strip_prefix("tz=").unwrap_or(zone);
    matches!(
        zone,
        "UTC"
            | "timezone.utc"
            | "datetime.UTC"
            | "datetime.timezone.utc"
            | "pytz.utc"
            | "pytz.UTC"
            | "dt.UTC"
            | "dt.timezone.utc"
    ) && (after.is_empty() || after.starts_with('+') || after.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_a_zone_are_told() {
        for aware in
            ["datetime.now(UTC)", "datetime.now(tz=timezone.utc) + timedelta(days=1)", "dt.datetime.now(dt.UTC)"]
        {
            assert!(is_now_with_zone(aware), "{aware}");
        }
        for other in [
            "datetime.now()",
            "datetime.utcnow()",
            "datetime.now(UTC).replace(tzinfo=None)",
            "datetime.now(UTC).isoformat()",
        ] {
            assert!(!is_now_with_zone(other), "{other}");
        }
    }
}
