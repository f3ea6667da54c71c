//! What the standard library and the models of libraries read from outside the program: files of settings, JSON.

use std::path::{Path, PathBuf};

use architect_source::parse_dotenv;
use serde_json::Value as Json;

use super::{Eval, Evaluator};
use crate::facts::is_generator;
use crate::value::{CallArgs, FunctionNode, Object, Value};

impl Evaluator<'_> {
    /// Functions that hand in data; `None` for any other.
    pub(super) fn host(&mut self, path: &str, args: &CallArgs) -> Eval<Option<Value>> {
        let Some(first) = args.pos.first().copied() else { return Ok(None) };
        Ok(match path {
            "json.loads" => self.json_of(first)?,
            "json.load" => {
                let name = self.names.intern("read");
                let read = self.attribute(first, name)?;
                let text = self.call(read, CallArgs::default())?;
                self.json_of(text)?
            }
            "importlib.metadata.version" | "importlib_metadata.version" => {
                let Some(name) = self.text(first).map(str::to_owned) else { return Ok(None) };
                Some(self.package_version(&name)?)
            }
            "_architect.kind" => Some(self.kind_of(first)),
            "_architect.env_file" => {
                let Some(name) = self.text(first).map(str::to_owned) else { return Ok(Some(self.dict(Vec::new()))) };
                let read = self.settings_file(&name).and_then(|path| self.program.files.read(&path).ok());
                let pairs = read.map(|bytes| parse_dotenv(&String::from_utf8_lossy(&bytes))).unwrap_or_default();
                let pairs = pairs.iter().map(|(key, value)| (self.str(key), self.str(value))).collect();
                Some(self.dict(pairs))
            }
            _ => None,
        })
    }

    /// Constants of the standard library.
    pub(super) fn known_constant(&mut self, path: &str) -> Option<Value> {
        Some(match path {
            "sys.version_info" => {
                let (major, minor) = self.program.python()?;
                let patch = self.unknown("the patch version of Python");
                self.tuple(vec![Value::Int(major), Value::Int(minor), patch])
            }
            "importlib.metadata.PackageNotFoundError" => Value::Obj(self.builtin_class("PackageNotFoundError")?),
            "logging.NOTSET" => Value::Int(0),
            "logging.DEBUG" => Value::Int(10),
            "logging.INFO" => Value::Int(20),
            "logging.WARN" | "logging.WARNING" => Value::Int(30),
            "logging.ERROR" => Value::Int(40),
            "logging.CRITICAL" | "logging.FATAL" => Value::Int(50),
            _ => return None,
        })
    }

    /// `importlib.metadata.version`.
    fn package_version(&mut self, name: &str) -> Eval {
        let plain = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
        for folder in self.program.site_packages() {
            for (entry, _) in self.program.files.list(folder) {
                let found = entry.strip_suffix(".dist-info").and_then(|stem| stem.rsplit_once('-'));
                if let Some((_, version)) = found.filter(|(package, _)| plain(package) == plain(name)) {
                    return Ok(self.str(version));
                }
            }
        }
        if self.program.has_environment() {
            return Err(self.raise("PackageNotFoundError", name));
        }
        Ok(self.unknown("the version of a package without an environment"))
    }

    /// Whether calling a value makes a coroutine, as `asyncio` sees it.
    pub(super) fn is_coroutine_function(&mut self, value: Value) -> Value {
        let function = match self.obj(value) {
            Some(Object::Bound { function, .. }) => *function,
            _ => value,
        };
        match self.kind_of(function) {
            Value::Str(kind) => Value::Bool(self.names.text(kind) == "coroutine function"),
            unknown => unknown,
        }
    }

    /// What `inspect` takes a value for: `function`, `coroutine function`, `method`, `class`, `module` or `other`.
    fn kind_of(&mut self, value: Value) -> Value {
        let kind = match self.obj(value) {
            _ if matches!(value, Value::Unknown(_)) => return value,
            Some(Object::External(_) | Object::Opaque { .. } | Object::Alternatives(_)) => {
                return self.unknown("what kind of object something is");
            }
            Some(Object::Function(function)) => match function.node {
                FunctionNode::Def(def) if def.is_async && !is_generator(function.node) => "coroutine function",
                _ => "function",
            },
            Some(Object::Bound { .. }) => "method",
            Some(Object::Class(_)) => "class",
            Some(Object::Module(_)) => "module",
            _ => "other",
        };
        self.str(kind)
    }

    /// Where a `.env` file of the program lies. A relative one is searched where the program is usually started: the
    /// project and its source roots. Nothing outside the repository is read, and no file of another name.
    fn settings_file(&self, name: &str) -> Option<PathBuf> {
        let files = self.program.files;
        if !Path::new(name).file_name()?.to_str()?.contains("env") {
            return None;
        }
        let project = &self.program.project;
        let repository = project.ancestors().find(|folder| files.kind(&folder.join(".git")).is_some());
        let repository = repository.unwrap_or(project);
        std::iter::once(project)
            .chain(&self.program.roots)
            .map(|folder| files.canonical(&folder.join(name)))
            .find(|path| path.starts_with(repository) && files.is_file(path))
    }

    /// What a text says as JSON; nothing where the text is not known.
    fn json_of(&mut self, text: Value) -> Eval<Option<Value>> {
        let Some(text) = self.text(text) else { return Ok(None) };
        match serde_json::from_str::<Json>(text) {
            Ok(json) => Ok(Some(self.json_value(&json))),
            Err(_) => Err(self.raise("ValueError", "not JSON")),
        }
    }

    fn json_value(&mut self, json: &Json) -> Value {
        match json {
            Json::Null => Value::None,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(int), _) => Value::Int(int),
                (None, Some(float)) => Value::Float(float),
                _ => self.unknown("a very large number"),
            },
            Json::String(text) => self.str(text),
            Json::Array(items) => {
                let items = items.iter().map(|item| self.json_value(item)).collect();
                self.list(items)
            }
            Json::Object(items) => {
                let pairs = items.iter().map(|(key, value)| (self.str(key), self.json_value(value))).collect();
                self.dict(pairs)
            }
        }
    }
}
