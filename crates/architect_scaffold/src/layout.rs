//! Where files go. Templates are written in the layout of a `service`; a `prototype` is flatter: modules move up, and
//! those that belong together become one.

/// Where a module of the layered layout goes in the flat one, and what is imported instead of it.
pub(crate) fn flat_module(module: &str) -> String {
    let parts: Vec<&str> = module.split('.').collect();
    match parts.as_slice() {
        ["app", "core", name] => format!("app.{name}"),
        ["app", "models", _] => "app.models".to_owned(),
        ["app", "schemas", _] => "app.schemas".to_owned(),
        ["app", "services", "maintenance"] => "app.maintenance".to_owned(),
        ["app", "services" | "api", name @ ("auth" | "users" | "health")] => format!("app.routers.{name}"),
        ["app", "services", name] => format!("app.routers.{name}"),
        ["app", "api", "deps"] => "app.deps".to_owned(),
        ["app", "api", "v1", name] => format!("app.routers.{name}"),
        ["app", "api"] => "app.routers".to_owned(),
        ["tests", "api" | "unit", name] => format!("tests.{name}"),
        _ => module.to_owned(),
    }
}

/// The path of a module.
pub(crate) fn path_of(module: &str) -> String {
    format!("{}.py", module.replace('.', "/"))
}

/// The module that a path is, of those that may move: not migrations, and nothing but Python.
pub(crate) fn module_of(path: &str) -> Option<String> {
    let module = path.strip_suffix(".py")?;
    (module.starts_with("app/") || module.starts_with("tests/")).then(|| module.replace('/', "."))
}

/// Moves the imports of a text to the flat layout, and leaves out what its own module has.
pub(crate) fn flatten_imports(text: &str, own: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut skipping = false;
    for line in text.split_inclusive('\n') {
        if skipping {
            skipping = !line.starts_with(')');
            continue;
        }
        let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) else {
            out.push_str(line);
            continue;
        };
        let flat = flat_module(module);
        if flat == own {
            skipping = names.trim_end() == "(";
            continue;
        }
        out.push_str(&format!("from {flat} import {names}"));
    }
    out
}

/// Joins modules into one: a docstring, all imports, all that follows them.
pub(crate) fn merge(docstring: &str, modules: &[String]) -> String {
    let (mut imports, mut bodies) = (String::new(), String::new());
    for module in modules {
        let (head, body) = split_imports(module);
        imports.push_str(&head);
        bodies.push_str("\n\n");
        bodies.push_str(body.trim_matches('\n'));
        bodies.push('\n');
    }
    format!("\"\"\"{docstring}\"\"\"\n\n{imports}{bodies}")
}

/// The imports of a module, without its docstring, and the rest.
fn split_imports(module: &str) -> (String, &str) {
    let mut imports = String::new();
    let mut at = module.find("\"\"\"\n").map_or(0, |end| end + 4);
    let mut open = false;
    for line in module[at..].split_inclusive('\n') {
        let starts = line.starts_with("from ") || line.starts_with("import ");
        if !(open || starts || line.trim().is_empty()) {
            break;
        }
        if open || starts {
            imports.push_str(line);
        }
        open = if starts { line.trim_end().ends_with('(') } else { open && !line.starts_with(')') };
        at += line.len();
    }
    (imports, &module[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_move_with_their_modules() {
        let text = "from app.core.config import Settings\nfrom app.models.user import (\n    User,\n)\nX = 1\n";
        assert_eq!(flatten_imports(text, "app.models"), "from app.config import Settings\nX = 1\n");
    }

    #[test]
    fn modules_become_one() {
        let one = "\"\"\"One.\"\"\"\n\nimport a\nfrom b import (\n    c,\n)\n\nA = 1\n".to_owned();
        let two = "\"\"\"Two.\"\"\"\n\nimport d\n\n\nB = 2\n".to_owned();
        assert_eq!(
            merge("Both.", &[one, two]),
            "\"\"\"Both.\"\"\"\n\nimport a\nfrom b import (\n    c,\n)\nimport d\n\n\nA = 1\n\n\nB = 2\n"
        );
    }
}
