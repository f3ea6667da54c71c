//! Tables and relationships: as text, and as an entity relationship diagram in Mermaid's language.

use std::collections::BTreeMap;

use architect_model::Service;
use architect_model::tables::{Column, Direction, ForeignKey, Mapper, Relationship, Table};

use super::mermaid::entities;
use super::{count, printable};

/// Each table with its columns, keys and indexes, and the relationships of the classes mapped to it.
#[must_use]
pub fn tables_text(service: &Service) -> String {
    let mut out = String::new();
    if service.tables.is_empty() {
        return out;
    }
    let mappers = by_table(service);
    for table in &service.tables {
        let name = table.full_name();
        let place = table.location.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
        out.push_str(&format!("{}{}\n", printable(&name), printable(&place)));
        if let Some(why) = &table.conditional {
            out.push_str(&format!("    conditional: {}\n", printable(why)));
        }
        let width = table.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or(0);
        for column in &table.columns {
            let line = format!("    {:width$}  {}", printable(&column.name), column_facts(column));
            out.push_str(&format!("{}\n", line.trim_end()));
        }
        for key in table.foreign_keys.iter().filter(|key| key.columns.len() > 1) {
            let line = format!("foreign key ({}) -> {}", key.columns.join(", "), key.targets.join(", "));
            out.push_str(&format!("    {}\n", printable(&line)));
        }
        for key in &table.unique {
            out.push_str(&format!("    unique ({})\n", printable(&key.columns.join(", "))));
        }
        for index in &table.indexes {
            let kind = if index.unique { "unique index" } else { "index" };
            let name = index.name.as_deref().unwrap_or_default();
            let line = format!("{kind} {name} ({})", index.columns.join(", "));
            out.push_str(&format!("    {}\n", printable(&line)));
        }
        for check in &table.checks {
            let line = format!("check {}", check.sql.as_deref().unwrap_or("?"));
            out.push_str(&format!("    {}\n", printable(&line)));
        }
        for mapper in mappers.get(name.as_str()).into_iter().flatten() {
            out.push_str(&format!("    class {}\n", printable(&mapper.class)));
            for relationship in &mapper.relationships {
                out.push_str(&format!("        {}\n", printable(&relationship_line(relationship))));
            }
        }
        out.push('\n');
    }
    let relationships = service.mappers.iter().map(|mapper| mapper.relationships.len()).sum();
    let classes = service.mappers.len();
    out.push_str(&format!(
        "{}, {classes} mapped {}, {}\n",
        count(service.tables.len(), "table"),
        if classes == 1 { "class" } else { "classes" },
        count(relationships, "relationship"),
    ));
    out
}

fn by_table(service: &Service) -> BTreeMap<&str, Vec<&Mapper>> {
    let mut out: BTreeMap<&str, Vec<&Mapper>> = BTreeMap::new();
    for mapper in &service.mappers {
        out.entry(&mapper.table).or_default().push(mapper);
    }
    out
}

/// The type of a column, in the words of PostgreSQL where they are known.
pub(crate) fn type_of(column: &Column) -> &str {
    column.type_postgresql.as_deref().or(column.type_sqlite.as_deref()).unwrap_or("?")
}

fn column_facts(column: &Column) -> String {
    let mut out = type_of(column).to_owned();
    if column.primary_key {
        out.push_str(" primary key");
    } else if !column.nullable {
        out.push_str(" not null");
    }
    for target in &column.foreign_keys {
        out.push_str(&format!(" -> {target}"));
    }
    printable(&out)
}

fn relationship_line(relationship: &Relationship) -> String {
    let many = if relationship.uselist { "many " } else { "" };
    let mut out = format!("{}: {many}{}, {}", relationship.name, relationship.target, relationship.lazy.as_str());
    if let Some(table) = &relationship.secondary {
        out.push_str(&format!(", through {table}"));
    }
    if relationship.viewonly {
        out.push_str(", view only");
    }
    out
}

/// Tables as boxes, foreign keys as lines, in Mermaid's `erDiagram`.
#[must_use]
pub fn tables_mermaid(service: &Service) -> String {
    let mut out = String::from("erDiagram\n");
    let known: BTreeMap<String, &Table> = service.tables.iter().map(|table| (table.full_name(), table)).collect();
    for table in &service.tables {
        out.push_str(&format!("    {} {{\n", entity(&table.full_name())));
        for column in &table.columns {
            let mut keys = Vec::new();
            if column.primary_key {
                keys.push("PK");
            }
            if !column.foreign_keys.is_empty() {
                keys.push("FK");
            }
            if column.unique == Some(true) {
                keys.push("UK");
            }
            let keys = if keys.is_empty() { String::new() } else { format!(" {}", keys.join(", ")) };
            out.push_str(&format!("        {} {}{keys}\n", word(type_of(column)), word(&column.name)));
        }
        out.push_str("    }\n");
    }
    for table in &service.tables {
        for key in &table.foreign_keys {
            let Some(target) = referred(table, key, |name| known.get(name)) else { continue };
            let columns: Vec<_> = key.columns.iter().filter_map(|name| table.column(name)).collect();
            let one = if columns.iter().any(|column| column.nullable) { "|o" } else { "||" };
            let alone = key.columns.len() == 1
                && (table.unique.iter().any(|unique| unique.columns == key.columns)
                    || table.indexes.iter().any(|index| index.unique && index.columns == key.columns)
                    || table.primary_key.columns == key.columns);
            let many = if alone { "o|" } else { "o{" };
            let label = entities(&key.columns.join(", "));
            out.push_str(&format!(
                "    {} {one}--{many} {} : \"{label}\"\n",
                entity(&target.full_name()),
                entity(&table.full_name())
            ));
        }
    }
    for mapper in &service.mappers {
        for relationship in mapper.relationships.iter().filter(|known| known.direction == Direction::ManyToMany) {
            // Tables between two others are drawn by their foreign keys; those that are not there are said.
            let Some(between) = relationship.secondary.as_ref().filter(|name| !known.contains_key(*name)) else {
                continue;
            };
            out.push_str(&format!("    %% {} goes through {}\n", printable(&relationship.name), printable(between)));
        }
    }
    out
}

/// The table that a foreign key refers to, if `known` has it: by its full name, or by its name in the same schema.
pub(crate) fn referred<T>(table: &Table, key: &ForeignKey, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (target, _) = key.targets.first()?.rsplit_once('.')?;
    known(target).or_else(|| known(&format!("{}.{target}", table.schema.as_ref()?)))
}

/// A name of a box: quoted, and without what ends a quote.
fn entity(name: &str) -> String {
    format!("\"{}\"", entities(name))
}

/// Types and columns are single words to Mermaid.
fn word(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_alphanumeric() || "_-()[]".contains(c) { c } else { '_' }).collect();
    if plain.starts_with(|c: char| c.is_alphabetic() || c == '_') { plain } else { format!("_{plain}") }
}

#[cfg(test)]
mod tests {
    use architect_model::tables::{Check, ClassKey, Index, Inheritance, Key, Lazy};

    use super::*;
    use crate::map::sample::location;

    fn column(name: &str, sql: &str, nullable: bool, target: Option<&str>) -> Column {
        Column {
            name: name.into(),
            type_text: String::new(),
            type_postgresql: Some(sql.into()),
            type_sqlite: None,
            nullable,
            primary_key: name == "id",
            unique: (name == "email").then_some(true),
            index: None,
            default: None,
            onupdate: None,
            server_default: None,
            server_onupdate: None,
            computed: None,
            identity: false,
            comment: None,
            foreign_keys: target.into_iter().map(Into::into).collect(),
            location: None,
        }
    }

    fn table(name: &str, schema: Option<&str>, columns: Vec<Column>, keys: &[(&str, &str)]) -> Table {
        Table {
            metadata: "app.db:Base".into(),
            name: name.into(),
            schema: schema.map(Into::into),
            columns,
            primary_key: Key { name: None, columns: vec!["id".into()] },
            foreign_keys: keys
                .iter()
                .map(|(column, target)| ForeignKey {
                    name: None,
                    columns: vec![(*column).into()],
                    targets: vec![(*target).into()],
                    ondelete: None,
                    onupdate: None,
                    deferrable: None,
                    initially: None,
                    use_alter: false,
                    location: None,
                })
                .collect(),
            unique: Vec::new(),
            checks: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            conditional: None,
            location: Some(location("app/models.py", 3)),
        }
    }

    fn service() -> Service {
        let mut users = table(
            "users",
            Some("core"),
            vec![column("id", "INTEGER", false, None), column("email", "VARCHAR(50)", false, None)],
            &[],
        );
        users.unique.push(Key { name: Some("uq_email".into()), columns: vec!["email".into()] });
        users.checks.push(Check { name: None, sql: Some("email <> ''".into()) });
        let mut posts = table(
            "posts",
            None,
            vec![
                column("id", "INTEGER", false, None),
                column("author_id", "INTEGER", true, Some("core.users.id")),
                column("price", "NUMERIC(10, 2)", false, None),
            ],
            &[("author_id", "core.users.id")],
        );
        posts.indexes.push(Index {
            name: Some("ix_posts_author_id".into()),
            unique: false,
            columns: vec!["author_id".into()],
            expressions: false,
            partial: false,
            location: None,
        });
        posts.conditional = Some("depends on `x`".into());
        let author = Relationship {
            name: "author".into(),
            target: "app.models:User".into(),
            target_key: ClassKey(1),
            direction: Direction::ManyToOne,
            uselist: false,
            lazy: Lazy::Joined,
            lazy_flag: None,
            secondary: None,
            back_populates: None,
            from_backref: false,
            cascade: Vec::new(),
            passive_deletes: false,
            viewonly: true,
            local_columns: vec!["posts.author_id".into()],
            remote_columns: vec!["core.users.id".into()],
            by_primary_key: true,
            ordered: false,
            innerjoin: false,
            post_update: false,
            location: None,
        };
        let mapper = Mapper {
            key: ClassKey(2),
            class: "app.models:Post".into(),
            table: "posts".into(),
            table_index: Some(1),
            inherits: None,
            inheritance: Inheritance::None,
            polymorphic_on: None,
            polymorphic_identity: None,
            version_id_col: None,
            eager_defaults: None,
            columns: Vec::new(),
            relationships: vec![author],
            others: Vec::new(),
            conditional: None,
            location: None,
        };
        Service { tables: vec![users, posts], mappers: vec![mapper], ..Service::default() }
    }

    #[test]
    fn a_table_has_its_columns_keys_and_classes() {
        assert_eq!(
            tables_text(&service()),
            "\
core.users  app/models.py:3
    id     INTEGER primary key
    email  VARCHAR(50) not null
    unique (email)
    check email <> ''

posts  app/models.py:3
    conditional: depends on `x`
    id         INTEGER primary key
    author_id  INTEGER -> core.users.id
    price      NUMERIC(10, 2) not null
    index ix_posts_author_id (author_id)
    class app.models:Post
        author: app.models:User, joined, view only

2 tables, 1 mapped class, 1 relationship
"
        );
    }

    #[test]
    fn the_diagram_draws_foreign_keys_by_how_many_they_allow() {
        let mut service = service();
        let diagram = tables_mermaid(&service);
        assert_eq!(
            diagram,
            "\
erDiagram
    \"core.users\" {
        INTEGER id PK
        VARCHAR(50) email UK
    }
    \"posts\" {
        INTEGER id PK
        INTEGER author_id FK
        NUMERIC(10__2) price
    }
    \"core.users\" |o--o{ \"posts\" : \"author_id\"
"
        );
        service.tables[1].unique.push(Key { name: None, columns: vec!["author_id".into()] });
        service.tables[1].columns[1].nullable = false;
        assert!(tables_mermaid(&service).contains("\"core.users\" ||--o| \"posts\""), "one to one");
    }

    #[test]
    fn nothing_is_drawn_of_a_service_without_tables() {
        assert_eq!(tables_text(&Service::default()), "");
        assert_eq!(tables_mermaid(&Service::default()), "erDiagram\n");
    }
}
