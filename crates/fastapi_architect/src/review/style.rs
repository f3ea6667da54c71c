//! What ruff says, beside what we say: nothing twice, and nothing that the program shows to be wrong.

use std::path::Path;

use architect_model::Service;
use architect_source::{FileSystem, Finding};
use architect_style::{Options, Report};

use crate::args::{Global, Review};
use crate::context;

/// Rules of ours, and the rules of ruff that speak of the same thing where both stand.
const SAME: &[(&str, &[&str])] = &[
    ("blocking-call-in-async", &["ASYNC2"]),
    ("sync-session-in-async", &["ASYNC2"]),
    ("cpu-bound-in-async", &["ASYNC2"]),
    ("outbound-without-timeout", &["S113"]),
    ("http-exception-swallowed", &["E722", "BLE001", "S110", "S112"]),
    ("hardcoded-secret", &["S105", "S106", "S107"]),
    ("sql-interpolation", &["S608"]),
    ("weak-password-storage", &["S324"]),
    ("untyped-boundary", &["ANN"]),
    ("repeated-domain-constant", &["PLR2004"]),
    ("python-boolean-in-filter", &["E711", "E712"]),
    ("broken-dependency-declaration", &["FAST002", "FAST003", "B008"]),
    ("default-evaluated-at-import", &["B008"]),
    ("missing-response-model", &["ANN201"]),
];

/// What FastAPI wants called in defaults.
const MARKERS: &[&str] = &["Depends", "Security", "Query", "Path", "Header", "Cookie", "Body", "Form", "File"];

/// Asks ruff about the files of the service.
///
/// # Errors
/// When a selection names what ruff does not have.
pub fn report(files: &dyn FileSystem, service: &Service, options: &Review, global: &Global) -> Result<Report, String> {
    let root = files.canonical(&options.project);
    let own = |names: &[String]| -> Vec<String> {
        names.iter().filter(|name| architect_style::is_selector(name)).cloned().collect()
    };
    let policy = &options.policy.style;
    let select = match own(&options.select) {
        named if !named.is_empty() => named,
        _ => policy.select.clone(),
    };
    let ignore = own(&options.ignore).into_iter().chain(policy.ignore.clone()).collect();
    let options = Options {
        repository: context::repository(files, &root),
        root,
        select,
        ignore,
        isolated: global.isolated,
        markers: MARKERS.iter().map(|name| format!("fastapi.{name}")).collect(),
        format: policy.format != Some(false) && (options.style || options.select.is_empty()),
    };
    let broken: Vec<&str> = service.syntax_errors.iter().map(|error| &*error.location.path).collect();
    let texts: Vec<(&str, &str)> = service
        .files
        .iter()
        .filter(|(path, _)| !broken.contains(&&***path) && Path::new(path).is_relative())
        .map(|(path, file)| (&**path, &*file.text))
        .collect();
    architect_style::check_texts(files, &options, &texts)
}

/// Adds what ruff found to what was found.
pub fn add(service: &Service, findings: &mut Vec<Finding>, delegated: Vec<Finding>) {
    let parameters = parameters(service);
    let ours: Vec<Finding> =
        findings.iter().filter(|ours| SAME.iter().any(|(rule, _)| *rule == ours.rule)).cloned().collect();
    let said = |finding: &Finding| {
        ours.iter().any(|ours| {
            ours.location.path == finding.location.path
                && ours.location.line <= finding.location.end_line
                && finding.location.line <= ours.location.end_line
                && SAME
                    .iter()
                    .any(|(rule, codes)| *rule == ours.rule && codes.iter().any(|code| finding.rule.starts_with(code)))
        })
    };
    // A call in a default is a mistake unless FastAPI asks for it, which the model knows better than the name of the
    // function that is called.
    let declared = |finding: &Finding| {
        finding.rule == "B008"
            && parameters.iter().any(|(path, start, end)| {
                **path == *finding.location.path && *start <= finding.location.start && finding.location.end <= *end
            })
    };
    findings.extend(delegated.into_iter().filter(|finding| !said(finding) && !declared(finding)));
}

/// Where parameters of endpoints and dependencies stand: path and bytes.
fn parameters(service: &Service) -> Vec<(&str, u32, u32)> {
    let mut out = Vec::new();
    for endpoint in service.endpoints() {
        let parameters = &endpoint.route.parameters;
        let all = [&parameters.path, &parameters.query, &parameters.header, &parameters.cookie, &parameters.body];
        let places = all.into_iter().flatten().filter_map(|parameter| parameter.location.as_ref());
        out.extend(places.map(|place| (&*place.path, place.start, place.end)));
    }
    out
}
