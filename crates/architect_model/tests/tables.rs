//! Small programs in Markdown and the tables and mapped classes they declare: `tests/tables/*.md`.
//!
//! A case is a project as `architect_mdtest` reads it, with one more block whose path is `tables`: what SQLAlchemy itself
//! makes of the program. `testdata/services/test_tables.py` runs the same programs and writes these blocks.

#![allow(clippy::disallowed_methods, reason = "a test looks at the disk")]

use std::fmt::Write as _;
use std::path::Path;

use architect_model::tables::{
    Column, DefaultValue, Direction, ForeignKey, Index, Inheritance, Key, Mapper, OtherKind, Relationship, Table,
};
use architect_model::{Options, Service, analyse};
use architect_source::MemoryFileSystem;

#[test]
fn every_program_has_the_tables_that_sqlalchemy_makes_of_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let (mut wrong, mut count) = (String::new(), 0);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let (cases, errors) = architect_mdtest::cases(&text);
        assert!(errors.is_empty(), "{}: {errors:?}", page.display());
        for case in cases.iter().filter(|case| !case.files.is_empty()) {
            count += 1;
            let expected = case.files.iter().find(|block| block.path == "tables");
            let expected = expected.unwrap_or_else(|| panic!("{}: [{}] no tables", page.display(), case.title));
            let mut files = MemoryFileSystem::default();
            files.write("/project/app/__init__.py", "");
            for block in case.files.iter().filter(|block| block.path != "tables") {
                files.write(format!("/project/{}", block.path), block.text.as_bytes());
            }
            let options = Options { project: "/project".into(), ..Options::default() };
            let service = analyse(&files, &options).unwrap();
            let found = described(&service);
            for difference in differences(&found, &expected.text) {
                let name = page.file_name().unwrap().to_string_lossy();
                let _ = write!(wrong, "\n{name}: [{}] {difference}", case.title);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 15, "only {count} cases were found");
}

/// Lines that only one side has, each with the heading it stands under.
fn differences(found: &str, expected: &str) -> Vec<String> {
    let under_headings = |text: &str| {
        let mut heading = String::new();
        let mut out = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if !line.starts_with(' ') {
                heading = line.to_owned();
            }
            out.push(if line.starts_with(' ') { format!("{heading}:{line}") } else { line.to_owned() });
        }
        out
    };
    let (found, expected) = (under_headings(found), under_headings(expected));
    let missing = expected.iter().filter(|line| !found.contains(line)).map(|line| format!("lacks {line}"));
    let more = found.iter().filter(|line| !expected.contains(line)).map(|line| format!("has {line}"));
    let mut out: Vec<String> = missing.chain(more).collect();
    if out.is_empty() && found != expected {
        out.push("has them in another order".into());
    }
    out
}

fn described(service: &Service) -> String {
    let mut tables: Vec<&Table> = service.tables.iter().collect();
    let columns = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    tables.sort_by_key(|table| (table.full_name(), columns(table)));
    let mut mappers: Vec<&Mapper> = service.mappers.iter().collect();
    mappers.sort_by_key(|mapper| (&mapper.class, &mapper.table));
    let tables = tables.into_iter().map(table_text);
    let mappers = mappers.into_iter().map(mapper_text);
    tables.chain(mappers).collect::<Vec<_>>().join("\n")
}

fn table_text(table: &Table) -> String {
    let mut out = format!("{}{}\n", table.full_name(), quoted(" comment=", table.comment.as_deref()));
    let mut add = |line: String| {
        let _ = writeln!(out, "  {line}");
    };
    table.columns.iter().map(column_text).for_each(&mut add);
    add(format!("primary key{}", key_text(&table.primary_key)));
    table.foreign_keys.iter().map(foreign_key_text).for_each(&mut add);
    table.unique.iter().map(|key| format!("unique{}", key_text(key))).for_each(&mut add);
    table.indexes.iter().map(index_text).for_each(&mut add);
    let mut checks: Vec<String> = table
        .checks
        .iter()
        .map(|check| format!("check {}{}", check.sql.as_deref().unwrap_or("?"), named(check.name.as_deref())))
        .collect();
    checks.sort();
    checks.into_iter().for_each(&mut add);
    out
}

fn column_text(column: &Column) -> String {
    let mut out = format!("{} {}", column.name, column.type_postgresql.as_deref().unwrap_or("?"));
    if !column.nullable {
        out += " not null";
    }
    out += &default_text(" default=", column.default.as_ref());
    out += &default_text(" onupdate=", column.onupdate.as_ref());
    out += &default_text(" server_default=", column.server_default.as_ref());
    for target in &column.foreign_keys {
        let _ = write!(out, " -> {target}");
    }
    out + &quoted(" comment=", column.comment.as_deref())
}

fn default_text(title: &str, value: Option<&DefaultValue>) -> String {
    match value {
        None => String::new(),
        Some(DefaultValue::Scalar(text) | DefaultValue::Sql(text) | DefaultValue::Server(text)) => {
            format!("{title}{text}")
        }
        Some(DefaultValue::Callable(name)) => format!("{title}{name}()"),
        Some(DefaultValue::Sequence(name)) => format!("{title}sequence {name}"),
        Some(DefaultValue::Computed(sql)) => format!("{title}computed {sql}"),
        Some(DefaultValue::Identity) => format!("{title}identity"),
        Some(DefaultValue::Fetched) => format!("{title}fetched"),
    }
}

fn quoted(title: &str, text: Option<&str>) -> String {
    text.map(|text| format!("{title}{text:?}")).unwrap_or_default()
}

fn named(name: Option<&str>) -> String {
    name.map(|name| format!(" as {name}")).unwrap_or_default()
}

fn key_text(key: &Key) -> String {
    format!(" ({}){}", key.columns.join(", "), named(key.name.as_deref()))
}

fn foreign_key_text(key: &ForeignKey) -> String {
    let mut out = format!("foreign key ({}) -> {}", key.columns.join(", "), key.targets.join(", "));
    for (title, text) in [("on delete", &key.ondelete), ("on update", &key.onupdate), ("initially", &key.initially)] {
        if let Some(text) = text {
            let _ = write!(out, " {title} {text}");
        }
    }
    if key.deferrable == Some(true) {
        out += " deferrable";
    }
    if key.use_alter {
        out += " alter";
    }
    out + &named(key.name.as_deref())
}

fn index_text(index: &Index) -> String {
    let unique = if index.unique { "unique " } else { "" };
    let partial = if index.partial { " partial" } else { "" };
    format!("{unique}index ({}){partial}{}", index.columns.join(", "), named(index.name.as_deref()))
}

fn mapper_text(mapper: &Mapper) -> String {
    let mut out = format!("class {} of {}", mapper.class, mapper.table);
    if let Some(parent) = &mapper.inherits {
        let _ = write!(out, " inherits {parent}");
    }
    if mapper.inheritance == Inheritance::Concrete {
        out += " concrete";
    }
    if let Some(column) = &mapper.polymorphic_on {
        let _ = write!(out, " on {column}");
    }
    if let Some(identity) = &mapper.polymorphic_identity {
        let _ = write!(out, " as {identity}");
    }
    if let Some(column) = &mapper.version_id_col {
        let _ = write!(out, " version {column}");
    }
    let mut lines = Vec::new();
    for attribute in &mapper.columns {
        let deferred = if attribute.deferred { " deferred" } else { "" };
        match attribute.column.as_deref() {
            Some(column) if column == attribute.name && !attribute.deferred => {
                lines.push(format!("column {}", attribute.name));
            }
            column => lines.push(format!("column {} = {}{deferred}", attribute.name, column.unwrap_or("expression"))),
        }
    }
    for other in &mapper.others {
        let kind = match other.kind {
            OtherKind::Hybrid => "hybrid",
            OtherKind::AssociationProxy => "proxy",
            OtherKind::Composite => "composite",
            OtherKind::Synonym => "synonym",
        };
        lines.push(format!("{kind} {}", other.name));
    }
    lines.extend(mapper.relationships.iter().map(relationship_text));
    lines.sort();
    out.push('\n');
    lines.into_iter().for_each(|line| {
        let _ = writeln!(out, "  {line}");
    });
    out
}

fn relationship_text(relationship: &Relationship) -> String {
    let direction = match relationship.direction {
        Direction::OneToMany => "one-to-many",
        Direction::ManyToOne => "many-to-one",
        Direction::ManyToMany => "many-to-many",
    };
    let many = if relationship.uselist { "list" } else { "one" };
    let lazy = relationship.lazy_flag.map_or(relationship.lazy.as_str().to_owned(), |flag| flag.to_string());
    let mut out =
        format!("relationship {} to {} {direction} {many} lazy={lazy}", relationship.name, relationship.target);
    if let Some(table) = &relationship.secondary {
        let _ = write!(out, " through {table}");
    }
    if let Some(back) = &relationship.back_populates {
        let _ = write!(out, " back={back}");
    }
    let usual = if relationship.viewonly { "merge" } else { "merge,save-update" };
    let cascade = relationship.cascade.join(",");
    if cascade != usual {
        let _ = write!(out, " cascade={cascade}");
    }
    for (set, title) in [(relationship.viewonly, " view only"), (relationship.passive_deletes, " passive deletes")] {
        if set {
            out += title;
        }
    }
    let local: Vec<&str> = relationship.local_columns.iter().map(|name| column_of(name)).collect();
    let _ = write!(out, " by {}", local.join(","));
    out
}

fn column_of(full_name: &str) -> &str {
    full_name.rsplit('.').next().unwrap_or(full_name)
}
