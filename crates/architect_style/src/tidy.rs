//! Generated code in its final form: imports that are used, in order, and formatted.

use std::collections::HashMap;
use std::path::Path;

use ruff_linter::linter::lint_fix;
use ruff_linter::registry::Rule;
use ruff_linter::rules::isort::categorize::KnownModules;
use ruff_linter::settings::LinterSettings;
use ruff_linter::settings::flags::Noqa;
use ruff_linter::settings::types::UnsafeFixes;
use ruff_linter::source_kind::SourceKind;
use ruff_python_ast::{PySourceType, PythonVersion};
use ruff_python_formatter::{PyFormatOptions, format_module_source};

/// Removes imports that are not used, sorts the others in three groups and formats.
///
/// `own` are the packages that belong to the project: the files need not be on disk.
///
/// # Errors
/// When the text does not parse.
pub fn tidy(path: &str, text: &str, own: &[&str]) -> Result<String, String> {
    let version = PythonVersion::PY311;
    let mut settings = LinterSettings::for_rules([Rule::UnsortedImports, Rule::UnusedImport, Rule::UnsortedDunderAll]);
    settings.unresolved_target_version = version.into();
    let first_party = own.iter().map(|package| package.parse()).collect::<Result<Vec<_>, _>>();
    let first_party = first_party.map_err(|error| format!("{own:?}: {error}"))?;
    settings.isort.known_modules = KnownModules::new(first_party, vec![], vec![], vec![], HashMap::default());
    let source = SourceKind::Python { code: text.to_owned(), is_stub: false };
    let fixed =
        lint_fix(Path::new(path), None, Noqa::Enabled, UnsafeFixes::Disabled, &settings, &source, PySourceType::Python)
            .map_err(|error| format!("{path}: {error}"))?;
    let code = fixed.transformed.source_code();
    let options = PyFormatOptions::default().with_target_version(version);
    let printed = format_module_source(code, options).map_err(|error| format!("{path}: {error}"))?;
    Ok(printed.into_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_sorted_and_used() {
        let text = "from app.b import B\nimport os\nimport re\nfrom fastapi import FastAPI\nx = B(os, FastAPI )\n";
        let tidied = "import os\n\nfrom fastapi import FastAPI\n\nfrom app.b import B\n\nx = B(os, FastAPI)\n";
        assert_eq!(tidy("app/main.py", text, &["app"]).as_deref(), Ok(tidied));
    }

    #[test]
    fn what_does_not_parse_is_an_error() {
        assert!(tidy("app/main.py", "def f(:\n", &["app"]).is_err());
    }
}
