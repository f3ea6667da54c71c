//! The data model as templates read it: what each field is in Python, in SQL, in a schema and in a test.

use serde::Serialize;

use crate::links::{Links, Owner, USER};
use crate::names;
use crate::resource::{Field, Kind, OnDelete, Resource};

/// The length of a string that states none.
const STRING_LENGTH: u32 = 255;
/// How many digits a number that makes a text unique is written with.
const UNIQUE_DIGITS: u32 = 8;
/// The length of a text that states none.
const TEXT_LENGTH: u32 = 10_000;

/// A resource, with every form of its name that code needs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ResourceView {
    name: String,
    plural: String,
    cls: String,
    human: String,
    human_plural: String,
    article: &'static str,
    table: String,
    path: String,
    /// `shared`, `direct` or `parent`.
    owner: &'static str,
    /// The field that holds the owner, where it is `direct`.
    owner_field: Option<String>,
    /// The condition under which a row is an actor's own.
    owned_by: Option<String>,
    /// Whether reading, creating and changing have to know who acts.
    actor: bool,
    add_actor: bool,
    change_actor: bool,
    fields: Vec<FieldView>,
    /// What callers send.
    inputs: Vec<FieldView>,
    required_inputs: Vec<FieldView>,
    /// References that callers send, other than to users.
    references: Vec<FieldView>,
    /// References whose target is loaded with the row.
    relationships: Vec<FieldView>,
    summary: Vec<FieldView>,
    filters: Vec<FieldView>,
    sort: Vec<SortView>,
    model_classes: Vec<String>,
    model_imports: Vec<(String, String)>,
    schema_imports: Vec<(String, String)>,
    service_models: Vec<(String, String)>,
    getters: Vec<(String, String)>,
    /// Pairs of a column and a Python value that is refused.
    invalid: Vec<(String, String)>,
    first_changed: String,
    uses_number: bool,
    needs_caller: bool,
}

impl ResourceView {
    /// Singular, in snake case.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether its tests need short texts that differ.
    pub(crate) fn uses_spelling(&self) -> bool {
        self.inputs.iter().any(|field| field.sample.starts_with("spell("))
    }

    /// The name of its classes, or what they start with.
    pub(crate) fn class(&self) -> &str {
        &self.cls
    }
}

#[derive(Clone, Debug, Serialize)]
struct SortView {
    name: String,
    py: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct BoundView {
    operator: String,
    sql: &'static str,
    value: String,
}

/// A field, as every layer spells it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct FieldView {
    name: String,
    column: String,
    human: String,
    kind: &'static str,
    py: String,
    nullable: bool,
    unique: bool,
    index: bool,
    bounds: Vec<BoundView>,
    /// The name of the type that constrains it, and that type.
    alias: Option<String>,
    annotated: String,
    /// Its type in requests, in queries and in answers.
    schema: String,
    query: String,
    read: String,
    /// The type of its column in a model, with what follows, and in a migration.
    sa: String,
    column_flags: &'static str,
    migration: String,
    members: Vec<String>,
    enum_length: usize,
    target: String,
    target_name: String,
    target_table: String,
    target_path: String,
    on_delete: &'static str,
    assign_new: String,
    assign_changes: String,
    /// Python expressions: a valid value, another one, one that no row has.
    sample: String,
    changed: String,
    other_query: Option<String>,
}

/// Makes the views of all resources, in the order their tables are made in.
pub(crate) fn views(resources: &[Resource], links: &Links, users: bool, waits: &str) -> Vec<ResourceView> {
    links.order.iter().map(|&at| view(&resources[at], resources, links, users, waits)).collect()
}

fn view(resource: &Resource, all: &[Resource], links: &Links, users: bool, waits: &str) -> ResourceView {
    let owner = &links.owners[&resource.name];
    let owned = |name: &str| users && links.owners.get(name).is_some_and(|owner| *owner != Owner::Shared);
    let class = names::class(&resource.name);
    let owner_field = match owner {
        Owner::Direct(field) => Some(field.clone()),
        Owner::Shared | Owner::Parent(_) => None,
    };
    let fields: Vec<FieldView> = resource.fields.iter().map(|one| field(resource, one, &owned, waits)).collect();
    let inputs: Vec<FieldView> =
        fields.iter().filter(|field| Some(&field.name) != owner_field.as_ref()).cloned().collect();
    let to_others = |field: &&FieldView| field.kind == "ref" && field.target_name != USER;
    let references: Vec<FieldView> = inputs.iter().filter(to_others).cloned().collect();
    let relationships: Vec<FieldView> = fields.iter().filter(to_others).cloned().collect();
    let others = || relationships.iter().filter(|field| field.target != class);
    let change_actor = references.iter().any(|field| owned(&field.target_name));
    let actor = owned(&resource.name);
    let mut service_models = vec![(resource.name.clone(), class.clone())];
    let mut owned_by = None;
    if actor {
        let mut chain = Vec::new();
        owned_by = Some(condition(resource, all, links, &mut chain));
        service_models.extend(chain.into_iter().map(|name| (name.clone(), names::class(&name))));
    }
    if actor || change_actor {
        service_models.push((USER.to_owned(), if actor { "Role, User" } else { "User" }.to_owned()));
    }
    let enums = fields.iter().filter(|field| field.kind == "enum").map(|field| field.py.clone());
    ResourceView {
        plural: names::plural(&resource.name),
        human: words(&resource.name),
        human_plural: words(&names::plural(&resource.name)),
        article: names::article(&resource.name),
        table: names::plural(&resource.name),
        path: names::plural(&resource.name).replace('_', "-"),
        owner: match owner {
            Owner::Shared => "shared",
            Owner::Direct(_) => "direct",
            Owner::Parent(_) => "parent",
        },
        owned_by,
        actor,
        add_actor: owner_field.is_some() || change_actor,
        change_actor,
        required_inputs: inputs.iter().filter(|field| !field.nullable).cloned().collect(),
        summary: fields.iter().filter(|field| !matches!(field.kind, "ref" | "text")).cloned().collect(),
        filters: inputs.iter().filter(|field| is_filter(field)).cloned().collect(),
        sort: sort(resource),
        model_classes: std::iter::once(class.clone()).chain(enums).collect(),
        model_imports: unique(others().map(|field| (field.target_name.clone(), field.target.clone()))),
        schema_imports: unique(others().map(|field| (field.target_name.clone(), format!("{}Summary", field.target)))),
        getters: unique(others().map(|field| (field.target_name.clone(), format!("get_{}", field.target_name)))),
        service_models: unique(service_models.into_iter()),
        invalid: inputs
            .iter()
            .zip(resource.fields.iter().filter(|one| Some(&one.name) != owner_field.as_ref()))
            .flat_map(|(_, one)| invalid(one))
            .collect(),
        first_changed: inputs.first().map_or_else(String::new, |field| {
            if field.kind == "ref" { "str(uuid.uuid4())".to_owned() } else { field.changed.clone() }
        }),
        uses_number: inputs.iter().any(|field| field.sample.contains("number")),
        needs_caller: inputs.iter().any(|field| field.kind == "ref" && !field.nullable),
        name: resource.name.clone(),
        cls: class,
        owner_field,
        fields,
        inputs,
        references,
        relationships,
    }
}

/// The condition that a row of the resource is an actor's; `chain` collects the resources it goes through.
fn condition(resource: &Resource, all: &[Resource], links: &Links, chain: &mut Vec<String>) -> String {
    let class = names::class(&resource.name);
    match &links.owners[&resource.name] {
        Owner::Direct(field) => format!("{class}.{field}_id == actor.id"),
        Owner::Parent(field) => {
            let target = resource.fields.iter().find_map(|one| match &one.kind {
                Kind::Reference { target, .. } if one.name == *field => Some(target),
                _ => None,
            });
            let parent = target.and_then(|target| all.iter().find(|one| one.name == *target));
            let parent = parent.expect("owners are found along references that were resolved");
            chain.push(parent.name.clone());
            format!("{class}.{field}.has({})", condition(parent, all, links, chain))
        }
        Owner::Shared => "true()".to_owned(),
    }
}

fn field(resource: &Resource, one: &Field, owned: &dyn Fn(&str) -> bool, waits: &str) -> FieldView {
    let class = names::class(&resource.name);
    let alias = format!("{class}{}", names::class(&one.name));
    let mut made = FieldView {
        name: one.name.clone(),
        column: one.column(),
        human: words(&one.name),
        nullable: one.nullable,
        unique: one.unique,
        index: one.index || matches!(one.kind, Kind::Reference { .. }),
        bounds: one
            .bounds
            .iter()
            .map(|bound| BoundView { operator: bound.operator.clone(), sql: bound.sql(), value: bound.value.clone() })
            .collect(),
        column_flags: if one.unique {
            ", unique=True"
        } else if one.index {
            ", index=True"
        } else {
            ""
        },
        ..FieldView::default()
    };
    let plain = |made: &mut FieldView, kind, py: &str, sa: &str, migration: &str| {
        made.kind = kind;
        py.clone_into(&mut made.py);
        sa.clone_into(&mut made.sa);
        migration.clone_into(&mut made.migration);
    };
    match &one.kind {
        Kind::String | Kind::Text => {
            let text = one.kind == Kind::Text;
            let most = one.length.1.unwrap_or(if text { TEXT_LENGTH } else { STRING_LENGTH });
            let least = one.length.0.unwrap_or(u32::from(!text));
            let (sa, kind) = if text { ("Text".to_owned(), "text") } else { (format!("String({most})"), "string") };
            let migration = if text { "sa.Text()".to_owned() } else { format!("sa.String({most})") };
            plain(&mut made, kind, "str", &sa, &migration);
            let least_told = if least > 0 { format!("min_length={least}, ") } else { String::new() };
            made.annotated = format!("Annotated[str, Field({least_told}max_length={most}, pattern=NO_NUL)]");
            made.sample = if one.unique && most < UNIQUE_DIGITS {
                format!("spell(number, {most})")
            } else if one.unique {
                format!("f\"{{number:0{}}}\"", least.max(UNIQUE_DIGITS))
            } else {
                python_text(&made.human, least, most)
            };
            made.changed = python_text("changed", least, most);
            made.other_query = Some(python_text("none such", least, most));
        }
        Kind::Integer | Kind::BigInteger => {
            let big = one.kind == Kind::BigInteger;
            let (sa, migration) = if big { ("BigInteger", "sa.BigInteger()") } else { ("", "sa.Integer()") };
            plain(&mut made, "int", "int", sa, migration);
            let bits = if big { 64 } else { 32 };
            let stated = |sides: [&str; 2]| one.bounds.iter().any(|bound| sides.contains(&bound.operator.as_str()));
            let mut limits = constraints(one);
            if !stated(["gt", "ge"]) {
                limits.push(format!("ge=INT{bits}_MIN"));
            }
            if !stated(["lt", "le"]) {
                limits.push(format!("le=INT{bits}_MAX"));
            }
            made.annotated = format!("Annotated[int, Field(strict=True, {})]", limits.join(", "));
            made.query = format!("Annotated[int, Field({})]", limits.join(", "));
            let (least, most) = one.whole_bounds().unwrap_or((0, 1));
            let start = if least < 0 && most > 0 { 1 } else { least };
            made.sample = if one.unique { format!("{start} + number") } else { start.to_string() };
            made.changed = start.saturating_add(1).min(most).to_string();
            made.other_query = Some(most.to_string());
        }
        Kind::Float | Kind::Decimal => {
            let (low, high) = (limit(one, ["gt", "ge"]), limit(one, ["lt", "le"]));
            let value = |share: f64| match (low, high) {
                (Some(low), Some(high)) => low + (high - low) * share,
                (None, Some(high)) => high - 2.0 + share,
                (low, None) => low.unwrap_or(0.0) + 1.0 + share,
            };
            if one.kind == Kind::Decimal {
                plain(&mut made, "decimal", "Decimal", "Numeric(12, 2)", "sa.Numeric(12, 2)");
                let mut limits = constraints(one);
                limits.extend(["max_digits=12".to_owned(), "decimal_places=2".to_owned()]);
                made.annotated = format!("Annotated[Decimal, Field({})]", limits.join(", "));
                made.sample = format!("\"{:.2}\"", value(0.5));
                made.changed = format!("\"{:.2}\"", value(0.75));
                if one.unique {
                    made.sample = format!("f\"{{{} + number}}.00\"", low.unwrap_or(0.0));
                }
            } else {
                plain(&mut made, "float", "float", "Double", "sa.Double()");
                let mut limits = constraints(one);
                limits.extend(["strict=True".to_owned(), "allow_inf_nan=False".to_owned()]);
                made.annotated = format!("Annotated[float, Field({})]", limits.join(", "));
                made.sample = format!("{:?}", value(0.5));
                made.changed = format!("{:?}", value(0.75));
                if one.unique {
                    made.sample = format!("{:?} + number", low.unwrap_or(0.0));
                }
            }
        }
        Kind::Boolean => {
            plain(&mut made, "bool", "bool", "", "sa.Boolean()");
            made.annotated = "Annotated[bool, Field(strict=True)]".to_owned();
            "bool".clone_into(&mut made.query);
            "True".clone_into(&mut made.sample);
            "False".clone_into(&mut made.changed);
            made.other_query = Some("\"false\"".to_owned());
        }
        Kind::Date => {
            plain(&mut made, "date", "date", "", "sa.Date()");
            "Day".clone_into(&mut made.schema);
            made.sample = if one.unique {
                "(date(2026, 1, 1) + timedelta(days=number)).isoformat()".to_owned()
            } else {
                "\"2026-01-31\"".to_owned()
            };
            "\"2026-02-01\"".clone_into(&mut made.changed);
            made.other_query = Some("\"1999-12-31\"".to_owned());
        }
        Kind::DateTime => {
            plain(&mut made, "datetime", "datetime", "UtcDateTime", "sa.DateTime(timezone=True)");
            "Moment".clone_into(&mut made.schema);
            made.sample = if one.unique {
                "(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)).isoformat()".to_owned()
            } else {
                "\"2026-01-31T12:00:00Z\"".to_owned()
            };
            "\"2026-02-01T12:00:00Z\"".clone_into(&mut made.changed);
        }
        Kind::Uuid => {
            plain(&mut made, "uuid", "uuid.UUID", "", "sa.Uuid()");
            "str(uuid.uuid4())".clone_into(&mut made.sample);
            "str(uuid.uuid4())".clone_into(&mut made.changed);
            made.other_query = Some("str(uuid.uuid4())".to_owned());
        }
        Kind::Enum(members) => {
            plain(&mut made, "enum", &alias, "", "");
            made.members.clone_from(members);
            // Room for values to come: making a column wider is a migration, this is not.
            made.enum_length = members.iter().map(String::len).max().unwrap_or(0).max(20);
            made.migration = format!("sa.String({})", made.enum_length);
            made.sample = format!("\"{}\"", members[0]);
            made.changed = format!("\"{}\"", members[members.len() - 1]);
            made.other_query = (members.len() > 1).then(|| made.changed.clone());
        }
        Kind::Reference { target, on_delete } => {
            refer(&mut made, &resource.name, target, *on_delete, owned(target), waits);
        }
    }
    if made.kind != "enum" && !made.annotated.is_empty() {
        made.schema.clone_from(&alias);
        made.alias = Some(alias);
    }
    for form in [&mut made.schema, &mut made.read] {
        if form.is_empty() {
            form.clone_from(&made.py);
        }
    }
    if made.query.is_empty() {
        made.query = if made.kind == "float" {
            "Annotated[float, Field(allow_inf_nan=False)]".to_owned()
        } else {
            made.schema.clone()
        };
    }
    made
}

/// What a reference adds: where it leads, and the statements that set it.
fn refer(made: &mut FieldView, resource: &str, target: &str, on_delete: OnDelete, owned: bool, waits: &str) {
    made.kind = "ref";
    "uuid.UUID".clone_into(&mut made.py);
    "sa.Uuid()".clone_into(&mut made.migration);
    made.target = names::class(target);
    target.clone_into(&mut made.target_name);
    made.target_table = names::plural(target);
    made.target_path = made.target_table.replace('_', "-");
    made.on_delete = on_delete.sql();
    let actor = if owned { "actor, " } else { "" };
    let assign = |source: &str| {
        let column = &made.column;
        let found = format!("{waits}get_{target}(session, {actor}{source}.{column})");
        let name = &made.name;
        if made.nullable {
            format!("{resource}.{name} = None if {source}.{column} is None else {found}")
        } else {
            format!("{resource}.{name} = {found}")
        }
    };
    (made.assign_new, made.assign_changes) = (assign("new"), assign("changes"));
    "str(uuid.uuid4())".clone_into(&mut made.sample);
    made.other_query = Some("str(uuid.uuid4())".to_owned());
}

/// Bounds as arguments of Pydantic's `Field`.
fn constraints(one: &Field) -> Vec<String> {
    one.bounds.iter().map(|bound| format!("{}={}", bound.operator, bound.value)).collect()
}

fn limit(one: &Field, operators: [&str; 2]) -> Option<f64> {
    one.bounds.iter().find(|bound| operators.contains(&bound.operator.as_str()))?.value.parse().ok()
}

/// A Python text between two lengths.
fn python_text(text: &str, least: u32, most: u32) -> String {
    let cut: String = text.chars().take(most as usize).collect();
    let missing = (least as usize).saturating_sub(cut.len());
    if missing > 0 { format!("\"{cut}\" + \"x\" * {missing}") } else { format!("\"{cut}\"") }
}

/// Values that are refused, as Python writes them.
fn invalid(one: &Field) -> Vec<(String, String)> {
    let column = one.column();
    let mut values: Vec<String> = one
        .bounds
        .iter()
        .filter_map(|bound| {
            let value: f64 = bound.value.parse().ok()?;
            Some(match bound.operator.as_str() {
                "ge" => format!("{}", value - 1.0),
                "le" => format!("{}", value + 1.0),
                _ => bound.value.clone(),
            })
        })
        .collect();
    match &one.kind {
        Kind::String | Kind::Text => {
            let most = one.length.1.unwrap_or(if one.kind == Kind::Text { TEXT_LENGTH } else { STRING_LENGTH });
            values.push(format!("\"x\" * {}", most + 1));
            values.push("\"\\0\"".to_owned());
        }
        Kind::Integer => values.push("2**31".to_owned()),
        Kind::BigInteger => values.push("2**63".to_owned()),
        Kind::Float | Kind::Boolean | Kind::Decimal | Kind::Uuid | Kind::Enum(_) | Kind::Reference { .. } => {
            values.push("\"nonsense\"".to_owned());
        }
        Kind::Date => values.extend(["\"yesterday\"".to_owned(), "0".to_owned()]),
        Kind::DateTime => {
            values.extend(["\"2026-01-31T12:00:00\"".to_owned(), "\"0001-01-01T00:00:00+23:59\"".to_owned()])
        }
    }
    values.into_iter().map(|value| (column.clone(), value)).collect()
}

/// Lists are sorted by when rows were made, by numbers and days, and by what has an index; never by what may be null.
fn sort(resource: &Resource) -> Vec<SortView> {
    let created = SortView { name: "created_at".to_owned(), py: "datetime" };
    let more = resource.fields.iter().filter(|one| !one.nullable).filter_map(|one| {
        let py = match one.kind {
            Kind::Integer | Kind::BigInteger => "int",
            Kind::Decimal => "Decimal",
            Kind::Float => "float",
            Kind::Date => "date",
            Kind::DateTime => "datetime",
            Kind::String if one.index || one.unique => "str",
            _ => return None,
        };
        Some(SortView { name: one.name.clone(), py })
    });
    std::iter::once(created).chain(more).collect()
}

/// Lists are filtered by what has few values or an index.
fn is_filter(field: &FieldView) -> bool {
    match field.kind {
        "enum" | "bool" | "ref" => true,
        "string" | "int" | "date" | "uuid" => field.index || field.unique,
        _ => false,
    }
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Without repetitions, in the order of the first ones.
fn unique(pairs: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut kept = Vec::new();
    for pair in pairs {
        if !kept.contains(&pair) {
            kept.push(pair);
        }
    }
    kept
}
