//! How tables are mapped.

use std::collections::BTreeMap;

use architect_model::code::Class;
use architect_model::tables::Mapper;

use crate::lens::Lens;
use crate::survey::{Subject, Survey, Topic};
use crate::words::{last, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![
        base(lens),
        style(lens),
        mixins(lens),
        keys(lens),
        key_types(lens),
        timestamps(lens),
        files(lens),
        relationships(lens),
        loading(lens),
    ]
}

/// Mapped classes of the service whose code is there.
pub(super) fn mapped<'s>(lens: &Lens<'s>) -> Vec<(&'s Mapper, &'s Class)> {
    let all = lens.service.mappers.iter();
    all.filter_map(|mapper| Some((mapper, lens.service.code.class(&mapper.class).filter(|class| !class.aside)?)))
        .collect()
}

pub(super) fn subject(class: &Class) -> Subject {
    let merit =
        if class.docstring.is_some() { 0.25 } else { 0.0 } + if (8..=60).contains(&class.lines) { 0.25 } else { 0.0 };
    Subject { name: class.name.clone(), location: class.location.clone(), kind: "A model", lines: class.lines, merit }
}

fn base(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "model-base", "models").enforced();
    for (mapper, class) in mapped(lens) {
        if mapper.inherits.is_some() {
            continue;
        }
        let roots = ["sqlalchemy.orm.DeclarativeBase", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel"];
        let ancestors = lens.service.code.ancestors(&class.name);
        let root = ancestors.iter().skip(1).find(|one| {
            let own = lens.service.code.class(one);
            roots.contains(&one.as_str())
                || own.is_some_and(|own| {
                    own.bases.iter().any(|base| roots.contains(&base.as_str()) && !base.starts_with("sqlmodel"))
                })
                || last(one) == "Base"
        });
        if let Some(root) = root {
            let name = last(root);
            survey.see(format!("Models derive from `{name}`"), format!("derives from `{name}`"), &subject(class));
        }
    }
    survey
}

fn style(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "column-style", "models").enforced();
    for (_, class) in mapped(lens) {
        let calls = |wanted: &str| {
            class.fields.iter().any(|field| {
                field.value.as_ref().and_then(|value| value.name.as_deref()).is_some_and(|name| last(name) == wanted)
            })
        };
        let typed = class.fields.iter().any(|field| {
            field.annotation.as_deref().is_some_and(|one| one.starts_with("Mapped[") || one.contains(".Mapped["))
        });
        if typed && !calls("Column") {
            survey.see(
                "Columns are typed: `name: Mapped[str] = mapped_column(…)`",
                "writes typed columns",
                &subject(class),
            );
        } else if calls("Column") && !lens.derives(&class.name, &["sqlmodel.SQLModel", "sqlmodel.main.SQLModel"]) {
            survey.see(
                "Columns are `Column(…)` without annotations",
                "writes `Column(…)` instead of `mapped_column(…)`",
                &subject(class),
            );
        } else if lens.derives(&class.name, &["sqlmodel.SQLModel", "sqlmodel.main.SQLModel"]) {
            survey.see(
                "Columns are fields of SQLModel: `name: str = Field(…)`",
                "writes fields of SQLModel",
                &subject(class),
            );
        }
    }
    survey
}

/// Classes of the project that several models share and that are no tables themselves.
fn mixins(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "model-mixins", "models");
    let all = mapped(lens);
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, class) in &all {
        for base in class.bases.iter().filter(|base| is_mixin(lens, base)) {
            *used.entry(base).or_default() += 1;
        }
    }
    let Some((most, _)) = used.iter().filter(|(_, count)| **count > 1).max_by_key(|(_, count)| **count) else {
        return survey;
    };
    for (_, class) in &all {
        if lens.service.code.ancestors(&class.name).iter().skip(1).any(|one| one == most) {
            let name = short(most);
            let what = lens.service.code.class(most).map(|class| {
                class
                    .fields
                    .iter()
                    .map(|field| field.name.as_str())
                    .filter(|name| !name.starts_with("__"))
                    .collect::<Vec<_>>()
            });
            let what = what
                .filter(|fields| !fields.is_empty() && fields.len() <= 4)
                .map(|fields| format!(", which adds {}", crate::words::quoted(&fields)))
                .unwrap_or_default();
            survey.see(format!("Models share the mixin `{name}`{what}"), format!("uses `{name}`"), &subject(class));
        } else {
            survey.lack(
                format!("Models go without the mixin `{}`", short(most)),
                format!("goes without `{}`", short(most)),
                &subject(class),
            );
        }
    }
    survey
}

fn is_mixin(lens: &Lens<'_>, base: &str) -> bool {
    let Some(class) = lens.service.code.class(base) else { return false };
    let declares =
        lens.derives(base, &["sqlalchemy.orm.DeclarativeBase", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel"]);
    lens.mapper(base).is_none() && !declares && last(base) != "Base" && !class.fields.is_empty()
}

fn keys(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "primary-key-name", "tables").enforced();
    for (mapper, class) in mapped(lens) {
        let Some(table) = mapper.table_index.and_then(|at| lens.service.tables.get(at)) else { continue };
        if mapper.inherits.is_some() {
            continue;
        }
        // A key of several columns belongs to what stands between two tables.
        if let [key] = table.primary_key.columns.as_slice() {
            let name = if *key == format!("{}_id", table.name.trim_end_matches('s')) { "<table>_id" } else { key };
            survey.see(
                format!("The primary key is called `{name}`"),
                format!("has the primary key `{key}`"),
                &subject(class),
            );
        }
    }
    survey
}

fn key_types(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "primary-key-type", "tables");
    for (mapper, class) in mapped(lens) {
        let Some(table) = mapper.table_index.and_then(|at| lens.service.tables.get(at)) else { continue };
        let [key] = table.primary_key.columns.as_slice() else { continue };
        let Some(column) = table.column(key) else { continue };
        let ty = column.type_text.split('(').next().unwrap_or_default().to_lowercase();
        let what = match ty.as_str() {
            "integer" | "biginteger" | "smallinteger" | "bigint" => "a number",
            "uuid" | "guid" => "a UUID",
            "string" | "varchar" | "text" | "autostring" | "unicode" => "a text",
            _ => continue,
        };
        if mapper.inherits.is_none() {
            survey.see(format!("The primary key is {what}"), format!("has {what} as its primary key"), &subject(class));
        }
    }
    survey
}

fn timestamps(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "timestamps", "tables");
    let created = |name: &str| {
        matches!(
            name,
            "created_at"
                | "created"
                | "created_on"
                | "inserted_at"
                | "date_created"
                | "create_time"
                | "timestamp_created"
                | "creation_time"
        )
    };
    for (mapper, class) in mapped(lens) {
        let Some(table) = mapper.table_index.and_then(|at| lens.service.tables.get(at)) else { continue };
        if mapper.inherits.is_some() || table.columns.is_empty() {
            continue;
        }
        match table.columns.iter().find(|column| created(&column.name)) {
            Some(column) => {
                let name = &column.name;
                survey.see(
                    format!("Rows carry the time of their creation: `{name}`"),
                    format!("has `{name}`"),
                    &subject(class),
                );
            }
            None => {
                survey.lack("Rows do not carry the time of their creation", "has no time of creation", &subject(class))
            }
        }
    }
    survey
}

fn files(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "model-files", "models");
    let all = mapped(lens);
    let mut by_stem: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let stem = |class: &'_ Class| class.location.path.rsplit('/').next().unwrap_or_default().to_owned();
    for (_, class) in &all {
        let path = &*class.location.path;
        let name = path.rsplit('/').next().unwrap_or(path);
        *by_stem.entry(name).or_default().entry(path).or_default() += 1;
    }
    for (_, class) in &all {
        let path = &*class.location.path;
        let stem = stem(class);
        let spread = by_stem.get(stem.as_str()).is_some_and(|paths| paths.len() > 2) && stem != "__init__.py";
        let alone = by_stem.get(stem.as_str()).and_then(|paths| paths.get(path)).copied().unwrap_or(0) as f64 * 2.0
            > all.len() as f64;
        let says = match path.rsplit_once('/') {
            _ if spread => format!("Each package has its models in `{stem}`"),
            _ if alone => format!("Models are in one file, `{path}`"),
            Some((folder, _)) => format!("Models are modules of `{folder}/`"),
            None => format!("Models are in `{path}`"),
        };
        survey.see(says, format!("is in `{path}`"), &subject(class));
    }
    survey
}

fn relationships(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "relationship-sides", "relationships");
    for (mapper, class) in mapped(lens) {
        for one in mapper.relationships.iter().filter(|one| !one.from_backref && !one.viewonly) {
            // What a parent declares is counted there.
            if one.location.as_ref().is_none_or(|at| at.path != class.location.path) {
                continue;
            }
            let location = one.location.clone().unwrap_or_else(|| class.location.clone());
            let subject = Subject { location, ..subject(class) };
            let target = lens.service.mapper(one.target_key);
            let backref = target.is_some_and(|target| {
                one.back_populates
                    .as_deref()
                    .and_then(|name| target.relationship(name))
                    .is_some_and(|other| other.from_backref)
            });
            match &one.back_populates {
                Some(_) if backref => {
                    survey.see("The other side of a relationship is made by `backref=`", "uses `backref=`", &subject)
                }
                Some(_) => survey.see(
                    "Both sides of a relationship are written down: `back_populates=`",
                    "uses `back_populates=`",
                    &subject,
                ),
                None => survey.see("Relationships have one side", "has one side", &subject),
            }
        }
    }
    survey
}

fn loading(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Models, "relationship-loading", "relationships");
    for (mapper, class) in mapped(lens) {
        for one in mapper.relationships.iter().filter(|one| !one.viewonly && !one.from_backref) {
            let Some(location) = one.location.clone().filter(|at| at.path == class.location.path) else { continue };
            let lazy = one.lazy.as_str();
            let subject = Subject { location, ..subject(class) };
            let says = if lazy == "select" {
                "Relationships are loaded as statements ask for it; none is set on the model".to_owned()
            } else {
                format!("Relationships say how they are loaded: `lazy=\"{lazy}\"`")
            };
            survey.see(says, format!("is loaded as `{lazy}`"), &subject);
        }
    }
    survey
}
