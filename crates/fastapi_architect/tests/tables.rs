//! `map tables`: the JSON that `CONTRACT` promises, the text and the diagram.

#![allow(clippy::disallowed_methods, reason = "a test starts the program and looks at the disk")]

use assert_cmd::Command;
use serde_json::{Value, json};

const MODELS: &str = "\
from sqlalchemy import ForeignKey, Index, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = 'users'

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(50), unique=True, server_default='nobody')
    posts: Mapped[list['Post']] = relationship(back_populates='user', lazy='selectin', cascade='all, delete-orphan')


class Post(Base):
    __tablename__ = 'posts'

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None] = mapped_column(default='none')
    user_id: Mapped[int] = mapped_column(ForeignKey('users.id', ondelete='CASCADE'), index=True)
    user: Mapped[User] = relationship(back_populates='posts', lazy=False)

    __table_args__ = (Index('ix_lower', func.lower(title)),)
";

fn map(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("app")).unwrap();
    std::fs::write(folder.path().join("app/__init__.py"), "").unwrap();
    std::fs::write(folder.path().join("app/models.py"), MODELS).unwrap();
    let output = Command::cargo_bin("fastapi-architect")
        .unwrap()
        .args(["map", "tables", folder.path().to_str().unwrap(), "--quiet"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A part of a JSON object: only the keys that are asked for.
fn keys(value: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), value[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn json_has_tables_and_mappers() {
    let map: Value = serde_json::from_str(&map(&["--format", "json"])).unwrap();
    let named = |name: &str| map["tables"].as_array().unwrap().iter().find(|table| table["name"] == name).unwrap();
    let (users, posts) = (named("users"), named("posts"));
    assert_eq!(users["metadata"], "app.models:Base");
    assert_eq!(users["primary_key"], json!({"name": null, "columns": ["id"]}));
    assert_eq!(users["unique"], json!([{"name": null, "columns": ["email"]}]));
    assert_eq!(users["location"]["path"], "app/models.py");
    let facts =
        ["name", "type", "type_postgresql", "type_sqlite", "nullable", "primary_key", "unique", "server_default"];
    assert_eq!(
        keys(&users["columns"][1], &facts),
        json!({
            "name": "email", "type": "String(length=50)", "type_postgresql": "VARCHAR(50)", "type_sqlite": "VARCHAR(50)",
            "nullable": false, "primary_key": false, "unique": true,
            "server_default": {"kind": "server", "value": "nobody"},
        })
    );
    assert_eq!(posts["columns"][1]["default"], json!({"kind": "scalar", "value": "'none'"}));
    assert_eq!(posts["columns"][2]["foreign_keys"], json!([{"target": "users.id", "ondelete": "CASCADE"}]));
    let key = keys(&posts["foreign_keys"][0], &["columns", "targets", "ondelete", "onupdate"]);
    assert_eq!(key, json!({"columns": ["user_id"], "targets": ["users.id"], "ondelete": "CASCADE", "onupdate": null}));
    let indexes: Vec<Value> = posts["indexes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|index| keys(index, &["name", "unique", "columns", "expressions"]))
        .collect();
    assert_eq!(
        indexes,
        [
            json!({"name": "ix_lower", "unique": false, "columns": ["title"], "expressions": true}),
            json!({"name": "ix_posts_user_id", "unique": false, "columns": ["user_id"], "expressions": false}),
        ]
    );
    let mapper = |name: &str| map["mappers"].as_array().unwrap().iter().find(|mapper| mapper["class"] == name).unwrap();
    let facts =
        ["name", "target", "direction", "uselist", "lazy", "secondary", "back_populates", "cascade", "viewonly"];
    assert_eq!(
        keys(&mapper("app.models:User")["relationships"][0], &facts),
        json!({
            "name": "posts", "target": "app.models:Post", "direction": "ONETOMANY", "uselist": true, "lazy": "selectin",
            "secondary": null, "back_populates": "user", "viewonly": false,
            "cascade": ["delete", "delete-orphan", "expunge", "merge", "refresh-expire", "save-update"],
        })
    );
    // As it was written, which is what SQLAlchemy keeps.
    assert_eq!(mapper("app.models:Post")["relationships"][0]["lazy"], false);
}

#[test]
fn text_and_diagram_show_the_same_tables() {
    let text = map(&[]);
    assert!(text.contains("    user_id  INTEGER not null -> users.id\n"), "{text}");
    assert!(text.contains("        posts: many app.models:Post, selectin\n"), "{text}");
    let diagram = map(&["--format", "mermaid"]);
    assert!(diagram.starts_with("erDiagram\n"), "{diagram}");
    assert!(diagram.contains("    \"users\" ||--o{ \"posts\" : \"user_id\"\n"), "{diagram}");
}
