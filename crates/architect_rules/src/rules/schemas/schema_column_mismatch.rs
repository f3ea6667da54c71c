//! Fields of requests that take more than their columns hold.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::Service;
use architect_model::code::{Call, Form, Function};
use architect_model::context::Database;
use architect_model::schema::{Field, Scalar, Schema, SchemaKind, Type};
use architect_model::tables::{Column, Mapper};
use architect_source::{Confidence, Finding, Location, Severity, Step};

use crate::effects::catches;
use crate::models::{HIGHEST, bare, bodies, bound, is_one_of, written};
use crate::requests::Requests;
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "schema-column-mismatch",
    group: "schemas",
    docs: include_str!("schema_column_mismatch.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// How a field and its column do not fit.
enum Misfit {
    /// The text may be longer than the column, which takes so many.
    Longer(u64),
    /// The number may be larger than the column, which takes so many digits before the point.
    Larger(u32),
    /// It may be `None`, which the column refuses.
    Null,
}

fn check(service: &Service) -> Vec<Finding> {
    let requests = Requests::of(service);
    let mut read: BTreeMap<&str, &Schema> = BTreeMap::new();
    for one in service.endpoints() {
        for schema in bodies(service, &one) {
            read.insert(&schema.qualified, schema);
        }
    }
    let mappers: BTreeMap<&str, &Mapper> =
        service.mappers.iter().map(|mapper| (mapper.class.as_str(), mapper)).collect();
    let lengths = counts_letters(service);
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (function, endpoint) in requests.functions(&service.code) {
        for call in &function.calls {
            let Some(mapper) = call.callee.as_deref().and_then(|callee| mappers.get(callee)) else { continue };
            for (schema, fields) in filled(service, function, call, &read) {
                let Some(validators) = validators(service, schema) else { continue };
                let misfits: Vec<_> = fields
                    .into_iter()
                    .filter(|field| !seen_by_code(function, &field.name) && !is_validated(&validators, &field.name))
                    .filter_map(|field| {
                        let column = column(service, mapper, &field.name)?;
                        Some((field, column, misfit(field, column, lengths)?))
                    })
                    .collect();
                // What is caught is answered in another way, well or not.
                let caught = || {
                    let names = [function.name.as_str()];
                    let mut callers = service.code.callers(&names).filter(|one| !one.aside);
                    catches(function, true) || callers.any(|one| catches(one, true))
                };
                if misfits.is_empty() || caught() || !seen.insert((&schema.qualified, &mapper.class)) {
                    continue;
                }
                findings.push(finding(service, schema, mapper, &misfits, (call, endpoint)));
            }
        }
    }
    findings
}

fn finding(
    service: &Service,
    schema: &Schema,
    mapper: &Mapper,
    misfits: &[(&Field, &Column, Misfit)],
    (call, endpoint): (&Call, &str),
) -> Finding {
    let (first, ..) = misfits[0];
    let place = |field: &Field| written(service, &schema.qualified, &field.name).map(|own| own.location.clone());
    let location: Location = place(first).or_else(|| schema.location.clone()).unwrap_or_else(|| call.location.clone());
    let mut trace: Vec<Step> = Vec::new();
    for (field, column, misfit) in misfits.iter().take(5) {
        let said = match misfit {
            Misfit::Longer(most) => format!("`{}` may be longer than the {most} characters of its column", field.name),
            Misfit::Larger(digits) => {
                format!("`{}` may have more than the {digits} digits before the point that its column has", field.name)
            }
            Misfit::Null => format!("`{}` may be `None`, and its column is NOT NULL without a default", field.name),
        };
        trace.extend(place(field).map(|place| Step { message: said, location: place }));
        trace.extend(column.location.iter().map(|place| step(format!("the column `{}`", column.name), place)));
    }
    trace.push(step(format!("`{endpoint}` fills one with the other"), &call.location));
    let names: Vec<String> = misfits.iter().map(|(field, ..)| field.name.clone()).collect();
    let null = misfits.iter().any(|(.., misfit)| matches!(misfit, Misfit::Null));
    Finding {
        trace,
        why: "The request is valid, the database refuses the row, and callers get 500 where 422 would tell them \
              what is wrong."
            .to_owned(),
        help: if null {
            "Let the field take what the column takes: no `None`, or a default, or a column that may be NULL."
                .to_owned()
        } else {
            "Give the field the limit of its column: `max_length`, `max_digits`, `lt`.".to_owned()
        },
        trade_off: "Requests that ended in 500 end in 422.".to_owned(),
        ..RULE.finding(
            Confidence::High,
            format!("{} {}", schema.qualified, mapper.class),
            &location,
            format!(
                "{} of `{}` {} more than the {} of `{}`.",
                crate::text::names(&names, 4),
                schema.name,
                if names.len() == 1 { "takes" } else { "take" },
                if names.len() == 1 { "column" } else { "columns" },
                short(&mapper.class)
            ),
        )
    }
}

/// Whether the database refuses texts that are too long: SQLite does not. Where nothing is known of it, nothing is
/// said.
fn counts_letters(service: &Service) -> bool {
    match service.context.database {
        Some(Database::Postgresql | Database::Mysql) => true,
        Some(_) => false,
        None => {
            let engines = &service.requests.engines;
            let networked =
                |dialect: Option<&str>| matches!(dialect, Some("postgresql" | "postgres" | "mysql" | "mariadb"));
            !engines.is_empty() && engines.iter().all(|engine| networked(engine.dialect.as_deref()))
                || engines.iter().all(|engine| engine.dialect.is_none())
                    && service.requests.drivers.iter().any(|driver| {
                        matches!(driver.as_str(), "asyncpg" | "psycopg" | "psycopg2" | "psycopg_async" | "pg8000")
                    })
                    && !service.requests.drivers.iter().any(|driver| driver.contains("sqlite"))
        }
    }
}

/// Fields of request models that a call fills columns with: `Table(**body.model_dump())`, `Table(name=body.name)`.
fn filled<'s>(
    service: &'s Service,
    function: &Function,
    call: &Call,
    read: &BTreeMap<&str, &'s Schema>,
) -> Vec<(&'s Schema, Vec<&'s Field>)> {
    let mut out = Vec::new();
    for parameter in &function.parameters {
        let Some(class) = parameter.class.as_deref() else { continue };
        let Some(schema) = read.get(class.replacen(':', ".", 1).as_str()).copied() else { continue };
        if schema.kind != SchemaKind::Model || service.mappers.iter().any(|mapper| mapper.class == class) {
            continue;
        }
        let given: Vec<&str> = call.arguments.iter().filter_map(|one| one.keyword.as_deref()).collect();
        let mut fields: Vec<&Field> = Vec::new();
        for argument in &call.arguments {
            match argument.keyword.as_deref() {
                Some("**") => {
                    let Some(out) = left_out(argument, &parameter.name) else { continue };
                    let copied = |name: &str| !given.contains(&name) && !out.contains(&name);
                    fields.extend(schema.fields.iter().filter(|field| copied(&field.name)));
                }
                Some(keyword) if argument.form == Form::Name => {
                    if let Some(name) = argument.text.strip_prefix(&format!("{}.", parameter.name)) {
                        fields.extend(schema.fields.iter().filter(|field| field.name == name && name == keyword));
                    }
                }
                _ => {}
            }
        }
        if !fields.is_empty() {
            out.push((schema, fields));
        }
    }
    out
}

/// What `**body.model_dump()` leaves out by name; nothing where that is no such call, or leaves out what cannot be
/// told.
fn left_out<'o>(argument: &'o architect_model::code::Operand, parameter: &str) -> Option<Vec<&'o str>> {
    let text = argument.text.strip_prefix("**").unwrap_or(&argument.text);
    let rest = text.strip_prefix(parameter)?.strip_prefix('.')?;
    let options = rest.strip_prefix("model_dump(").or_else(|| rest.strip_prefix("dict("))?.strip_suffix(')')?;
    if options.contains("include=") || options.contains("exclude_none") {
        return None;
    }
    let Some((_, names)) = options.split_once("exclude=") else { return Some(Vec::new()) };
    let names = names.trim_start().strip_prefix(['{', '['])?;
    let (names, _) = names.split_once(['}', ']'])?;
    Some(names.split(',').map(|name| name.trim().trim_matches(['"', '\''])).collect())
}

/// Whether the function looks at the field in another way: it assigns or compares it.
fn seen_by_code(function: &Function, field: &str) -> bool {
    let attribute = |text: &str| text.rsplit_once('.').is_some_and(|(_, name)| name == field);
    function.stores.iter().any(|store| attribute(&store.target))
        || function.compares.iter().any(|one| attribute(&one.left.text) || attribute(&one.right.text))
}

/// How the validators of a model are written; nothing where one looks at the whole, or the model is not the project's.
fn validators<'s>(service: &'s Service, schema: &Schema) -> Option<Vec<&'s str>> {
    let class = service.code.class_at(&schema.qualified)?;
    let family = service.code.ancestors(&class.name);
    let methods =
        service.code.functions.iter().filter(|one| one.class.as_ref().is_some_and(|own| family.contains(own)));
    let found: Vec<&str> = methods
        .flat_map(|one| &one.decorators)
        .map(|one| one.text.as_str())
        .filter(|text| text.contains("validator"))
        .collect();
    let whole = |text: &&str| text.contains("model_validator") || text.contains("root_validator") || text.contains('*');
    (!found.iter().any(whole)).then_some(found)
}

fn is_validated(validators: &[&str], field: &str) -> bool {
    let named = |text: &&str| text.split(['"', '\'']).skip(1).step_by(2).any(|name| name == field);
    validators.iter().any(named)
}

fn column<'s>(service: &'s Service, mapper: &Mapper, attribute: &str) -> Option<&'s Column> {
    let found = mapper.column(attribute)?;
    let table = found.table.as_deref()?;
    let table = service.tables.iter().find(|one| one.full_name() == table)?;
    table.column(found.column.as_deref()?)
}

fn misfit(field: &Field, column: &Column, lengths: bool) -> Option<Misfit> {
    let nullable = matches!(bare(&field.ty), Type::Union { members, .. } if members.contains(&Type::Null));
    let filled = column.default.is_some()
        || column.server_default.is_some()
        || column.computed.is_some()
        || column.identity
        || column.primary_key;
    // A field with another default than `None` is only `None` where somebody sends it.
    if nullable && !column.nullable && !filled {
        return Some(Misfit::Null);
    }
    let number = is_one_of(&field.ty, &[Scalar::Number, Scalar::Decimal]);
    if let Some(digits) = digits(column).filter(|_| lengths && number) {
        let limited = bound(&field.ty, HIGHEST).is_some() || bound(&field.ty, &["max_digits"]).is_some();
        return (!limited).then_some(Misfit::Larger(digits));
    }
    let most = length(column)?;
    let text = is_one_of(&field.ty, &[Scalar::String]);
    let given = bound(&field.ty, &["max_length"]);
    let patterned = says(&field.ty, "pattern");
    #[allow(clippy::cast_precision_loss, reason = "lengths of columns are small")]
    let longer = given.is_none_or(|given| given > most as f64);
    (lengths && text && !patterned && longer).then_some(Misfit::Longer(most))
}

fn says(ty: &Type, key: &str) -> bool {
    match ty {
        Type::Annotated { inner, facts } => facts.contains_key(key) || says(inner, key),
        Type::Union { members, .. } => members.iter().any(|member| says(member, key)),
        _ => false,
    }
}

/// How many characters a column takes.
fn length(column: &Column) -> Option<u64> {
    let text = column.type_postgresql.as_deref()?;
    let rest = text.strip_prefix("VARCHAR(").or_else(|| text.strip_prefix("CHAR("))?;
    rest.strip_suffix(')')?.parse().ok()
}

/// How many digits a column of fixed precision has before the point.
fn digits(column: &Column) -> Option<u32> {
    let inside = column.type_postgresql.as_deref()?.strip_prefix("NUMERIC(")?.strip_suffix(')')?;
    let (precision, scale) = inside.split_once(',').unwrap_or((inside, "0"));
    precision.trim().parse::<u32>().ok()?.checked_sub(scale.trim().parse().ok()?)
}
