//! `openapi`: the document of an application.

use architect_source::OsFileSystem;
use architect_views::{escape, openapi as view};

use crate::args::{Global, Openapi, OpenapiFormat};
use crate::{Outcome, context, unknowns, wire};

/// Prints the document.
///
/// # Errors
/// When there is no application, or several to choose from, or the service cannot be read.
pub fn run(options: &Openapi, global: &Global) -> Result<Outcome, String> {
    let service = context::documents(&OsFileSystem, &options.project, global)?;
    let served: Vec<_> = service.applications.iter().filter(|one| one.mounted_at.is_none()).collect();
    let application = match served.as_slice() {
        [] => return Err(context::no_application(&service)),
        [only] => *only,
        several => {
            let names: Vec<&str> = several.iter().map(|one| one.name.as_str()).collect();
            return Err(format!("several applications: {}; name one with --app", names.join(", ")));
        }
    };
    let document = view::openapi(&service, application);
    let mut all = document.unknowns.clone();
    all.extend(service.unknowns.iter().cloned());
    if let Some(path) = &options.unknowns {
        let text = context::json(&wire::unknowns(&all))?;
        architect_source::write_file(path, text.as_bytes())
            .map_err(|error| format!("--unknowns {}: {error}", path.display()))?;
    } else if !all.is_empty() && !global.quiet {
        for line in unknowns::text(&all, false).lines() {
            context::say(line);
        }
    }
    match options.format {
        OpenapiFormat::Json => context::print_json(&document.json, global)?,
        OpenapiFormat::Yaml => {
            let text =
                serde_yaml_ng::to_string(&document.json).map_err(|error| format!("cannot write YAML: {error}"))?;
            // What a terminal would obey has to be escaped. JSON does it everywhere, and is YAML, too.
            let text = if escape::is_plain(&text) { text } else { context::json(&document.json)? };
            context::print(&text, global)?;
        }
    }
    Ok(Outcome::Clean)
}
