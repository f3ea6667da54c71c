//! What ruff says, beside what we say: nothing twice, and nothing that the program shows to be wrong.

use std::collections::BTreeSet;
use std::path::Path;

use architect_model::Service;
use architect_model::service::Dependency;
use architect_source::{Applicability, FileSystem, Finding, Location};
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
        effects: effects(service),
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

/// Files that register tables or routes when they are run.
fn effects(service: &Service) -> Vec<String> {
    let tables = service.tables.iter().filter_map(|table| table.location.as_ref());
    let mappers = service.mappers.iter().filter_map(|mapper| mapper.location.as_ref());
    let registrations = service.routers.iter().flat_map(|router| &router.registrations);
    let routes = service.endpoints().into_iter().map(|endpoint| &endpoint.route.location);
    let places = tables.chain(mappers).chain(registrations.map(|one| &one.location)).chain(routes);
    places.map(|place| place.path.to_string()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Adds what ruff found to what was found.
pub fn add(service: &Service, findings: &mut Vec<Finding>, delegated: Vec<Finding>) {
    let facts = Facts::of(service, &delegated);
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
    let kept = delegated.into_iter().filter(|finding| !said(finding) && !facts.refute(finding));
    findings.extend(kept.map(|mut finding| {
        if let Some(fix) = finding.fix.as_mut()
            && facts.shows_in_the_document(finding.rule, &finding.location)
        {
            fix.applicability = fix.applicability.min(Applicability::Unsafe);
        }
        finding
    }));
}

/// Whether a rule of ruff is one of pydocstyle.
fn is_of_docstrings(rule: &str) -> bool {
    rule.strip_prefix('D').is_some_and(|number| number.starts_with(|letter: char| letter.is_ascii_digit()))
}

fn described(service: &Service) -> Vec<(&str, u32, u32)> {
    let classes = service.schemas.iter().filter_map(|schema| {
        let (module, class) = schema.qualified.rsplit_once('.')?;
        service.code.class(&format!("{module}:{class}"))
    });
    classes
        .map(|class| {
            let first = class.location.line;
            (&*class.location.path, first, first.saturating_add(u32::try_from(class.lines).unwrap_or(u32::MAX)))
        })
        .collect()
}

/// What the program knows that shows findings of one file to be wrong.
struct Facts<'s> {
    service: &'s Service,
    /// Where parameters of endpoints stand: path and bytes.
    parameters: Vec<(&'s str, u32, u32)>,
    /// Parameters of paths that some code takes out of the request itself.
    taken: BTreeSet<&'s str>,
    /// Where classes stand whose docstrings are part of the document: path, first and last line.
    described: Vec<(&'s str, u32, u32)>,
}

impl<'s> Facts<'s> {
    fn of(service: &'s Service, delegated: &[Finding]) -> Self {
        let asks = |rule: &str| delegated.iter().any(|finding| finding.rule == rule);
        Self {
            service,
            parameters: if asks("B008") { parameters(service) } else { Vec::new() },
            taken: if asks("FAST003") { taken_from_requests(service) } else { BTreeSet::new() },
            described: if delegated.iter().any(|finding| is_of_docstrings(finding.rule)) {
                described(service)
            } else {
                Vec::new()
            },
        }
    }

    /// Whether a fix changes a docstring that callers read as the description of a schema: Pydantic takes it as
    /// `inspect.cleandoc` leaves it, which keeps the blanks before closing quotes behind a single line (2.14,
    /// `pydantic.json_schema`).
    fn shows_in_the_document(&self, rule: &str, place: &Location) -> bool {
        is_of_docstrings(rule)
            && self
                .described
                .iter()
                .any(|(path, first, last)| **path == *place.path && (*first..=*last).contains(&place.line))
    }

    fn refute(&self, finding: &Finding) -> bool {
        match finding.rule {
            // A call in a default is a mistake unless FastAPI asks for it, which the model knows better than the name
            // of the function that is called.
            "B008" => self.parameters.iter().any(|(path, start, end)| {
                **path == *finding.location.path && *start <= finding.location.start && finding.location.end <= *end
            }),
            // The parameter is read all the same: by a dependency, or out of the request.
            "FAST003" => quoted(&finding.message).is_some_and(|name| {
                self.taken.contains(name)
                    || self.service.endpoints().iter().any(|endpoint| {
                        let place = &endpoint.route.location;
                        let is_here = place.path == finding.location.path
                            && place.start <= finding.location.start
                            && finding.location.end <= place.end;
                        is_here && endpoint.route.dependencies.iter().any(|dependency| takes(dependency, name))
                    })
            }),
            // `Mapped["Post"]` is looked up among the mapped classes, not in the module.
            "F821" => quoted(&finding.message).is_some_and(|name| {
                let mappers = &self.service.mappers;
                let is_mapped = |class: &str| class.rsplit([':', '.']).next() == Some(name);
                let in_models = mappers
                    .iter()
                    .filter_map(|mapper| mapper.location.as_ref())
                    .any(|place| place.path == finding.location.path);
                in_models && mappers.iter().any(|mapper| is_mapped(&mapper.class))
            }),
            _ => false,
        }
    }
}

/// The first name between backticks.
fn quoted(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

fn takes(dependency: &Dependency, name: &str) -> bool {
    dependency.parameters.path.iter().any(|parameter| parameter.alias == name)
        || dependency.dependencies.iter().any(|inner| takes(inner, name))
}

/// Names in lines such as `request.path_params["case_id"]`.
fn taken_from_requests(service: &Service) -> BTreeSet<&str> {
    let lines = service.files.values().flat_map(|file| file.text.lines()).filter(|line| line.contains("path_params"));
    let names = lines.flat_map(|line| line.split(['"', '\'']).skip(1).step_by(2));
    names.filter(|name| !name.is_empty()).collect()
}

/// Where parameters of endpoints stand: path and bytes.
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
