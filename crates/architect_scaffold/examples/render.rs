//! Writes a service without formatting it: for work on templates.
#![allow(clippy::disallowed_methods, reason = "a tool for maintainers")]
use architect_scaffold::{Database, Design, Hasher, Resource, Size, generate};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = std::path::PathBuf::from(arguments.next().expect("a folder"));
    let options: Vec<String> = arguments.collect();
    let has = |name: &str| options.iter().any(|option| option == name);
    let size = if has("prototype") {
        Size::Prototype
    } else if has("scaled") {
        Size::Scaled
    } else {
        Size::Service
    };
    let design = Design {
        name: "shop".into(),
        size,
        database: if size == Size::Prototype { Database::Sqlite } else { Database::Postgres },
        accounts: !has("noauth"),
        hasher: if has("argon2") { Hasher::Argon2 } else { Hasher::Bcrypt },
        asynchronous: !has("sync"),
        resources: options.iter().filter(|one| one.contains(' ')).map(|one| Resource::parse(one).unwrap()).collect(),
        decisions: vec![("Size".into(), "Because.".into())],
    };
    for file in generate(&design).unwrap_or_else(|error| panic!("{error}")) {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.text).unwrap();
    }
}
