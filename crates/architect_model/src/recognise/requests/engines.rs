//! Database engines that exist after import, and what they are told.

use architect_python::{CallArgs, ModuleKind, Object, Value};

use crate::recognise::Recogniser;
use crate::requests::EngineFact;

/// What the URLs of databases begin with that name their driver.
const DIALECTS: &[&str] = &["postgresql+", "postgres+", "mysql+", "sqlite+"];

impl Recogniser<'_> {
    /// Engines that code of the project makes while it is imported.
    pub(super) fn engines(&self) -> Vec<EngineFact> {
        let mut out: Vec<EngineFact> = Vec::new();
        for (_, object) in self.machine.objects() {
            let Object::Opaque { callee, args, site, .. } = object else { continue };
            let path = self.machine.external_path(*callee).unwrap_or_default();
            let is_async = path.ends_with("create_async_engine");
            if !is_async && !path.ends_with("create_engine")
                || self.machine.program.module(site.module).kind != ModuleKind::Project
            {
                continue;
            }
            let (dialect, driver) = self.engine_url(args);
            let options = args
                .kw
                .iter()
                .map(|(name, value)| (self.machine.names.text(*name).to_owned(), self.engine_option(*value)));
            out.push(EngineFact {
                is_async,
                dialect,
                driver,
                options: options.collect(),
                open: args.open,
                location: self.location(*site),
            });
        }
        out
    }

    /// Drivers that URLs in code of the service name: `postgresql+asyncpg://`.
    pub(super) fn drivers(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for module in &self.machine.program.project_modules {
            let module = self.machine.program.module(*module);
            if !super::is_own(module) {
                continue;
            }
            for dialect in DIALECTS {
                // Nearly no module has one, which is seen quicker than where one is.
                if !module.text.contains(*dialect) {
                    continue;
                }
                for (at, _) in module.text.match_indices(*dialect) {
                    let rest = &module.text[at + dialect.len()..];
                    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    let driver = &rest[..end];
                    if !driver.is_empty() && !out.iter().any(|known| known == driver) {
                        out.push(driver.to_owned());
                    }
                }
            }
        }
        out
    }

    /// Dialect and driver of the URL an engine is made with.
    fn engine_url(&self, args: &CallArgs) -> (Option<String>, Option<String>) {
        let named = || args.kw.iter().find(|(name, _)| self.machine.names.text(*name) == "url").map(|(_, url)| *url);
        let Some(url) = args.pos.first().copied().or_else(named).and_then(|url| self.machine.text(url)) else {
            return (None, None);
        };
        let Some((scheme, _)) = url.split_once(':') else { return (None, None) };
        match scheme.split_once('+') {
            Some((dialect, driver)) => (Some(dialect.to_owned()), Some(driver.to_owned())),
            None => (Some(scheme.to_owned()), None),
        }
    }

    fn engine_option(&self, value: Value) -> Option<String> {
        match value {
            Value::Int(number) => Some(number.to_string()),
            Value::Bool(known) => Some(known.to_string()),
            Value::None => Some("none".to_owned()),
            other => self.machine.external_path(other).map(str::to_owned),
        }
    }
}
