//! Dependency trees and parameters, decided as FastAPI does in `get_dependant` and `analyze_param`.
//!
//! Source: fastapi/dependencies/utils.py of 0.115 to 0.165; <https://fastapi.tiangolo.com/tutorial/dependencies/>.

use architect_python::{Object, SigParam, Value};

use super::Recogniser;
use crate::service::{Dependency, Parameter, Parameters, Suspicion, SuspiciousParameter};

/// Deeper trees are not followed; a dependency cycle ends here.
const MAX_DEPTH: u32 = 40;

/// A dependency tree and the parameters beside it.
#[derive(Default)]
pub(super) struct Dependant {
    pub dependencies: Vec<Dependency>,
    pub parameters: Parameters,
}

impl Recogniser<'_> {
    /// What `call` depends on and reads from the request.
    pub(super) fn dependant(&mut self, call: Value, path_names: &[String], scopes: &[String]) -> Dependant {
        let mut out = Dependant::default();
        if self.depth > MAX_DEPTH {
            return out;
        }
        let Some(sig) = self.machine.signature(call) else {
            let name = self.machine.qualified_name(call).unwrap_or_else(|| "a callable".into());
            // A function whose source was read can have a signature made at run time.
            let is_function = self.machine.function(call).is_some();
            let computed = if is_function { self.machine.get(call, "__signature__") } else { None };
            if let Some(Value::Unknown(id)) = computed {
                let (why, site) = self.machine.reason(id);
                let (why, location) = (why.to_owned(), site.map(|site| self.location(site)));
                self.unknown(format!("the parameters of {name}"), why, "", location);
            } else if !matches!(self.machine.obj(call), Some(Object::Native(_))) {
                let why = "its source was not read";
                let resolve = self.resolution(why);
                self.unknown(format!("the parameters of {name}"), why, resolve, None);
            }
            return out;
        };
        self.depth += 1;
        for param in sig.params {
            self.parameter(call, &param, path_names, scopes, &mut out);
        }
        self.depth -= 1;
        out
    }

    fn parameter(
        &mut self,
        call: Value,
        param: &SigParam,
        path_names: &[String],
        scopes: &[String],
        out: &mut Dependant,
    ) {
        let name = self.machine.names.text(param.name).to_owned();
        let location = param.site.filter(|site| !self.machine.is_model(site.module)).map(|site| self.location(site));
        let mut annotation = param.annotation;
        let mut marker = None;
        if let Some(Object::Generic { origin, args }) = annotation.and_then(|value| self.machine.obj(value))
            && self.machine.external_path(*origin) == Some("typing.Annotated")
        {
            let args = args.clone();
            annotation = args.first().copied();
            marker =
                args.iter().skip(1).rev().copied().find(|arg| self.is_a(*arg, "Param") || self.is_a(*arg, "Depends"));
            if marker.is_none() {
                self.suspicious_annotated(call, &name, &args[1..], location.clone());
            }
        }
        let mut required = param.default.is_none();
        if let Some(default) = param.default
            && (self.is_a(default, "Depends") || self.is_a(default, "Param"))
        {
            marker = Some(default);
            required = matches!(self.machine.get(default, "default"), Some(Value::Ellipsis));
        }
        if let Some(marker) = marker.filter(|marker| self.is_a(*marker, "Depends")) {
            let mut dependency = self.machine.get(marker, "dependency").unwrap_or(Value::None);
            if dependency == Value::None {
                dependency = annotation.unwrap_or(Value::None);
            }
            if let Some(node) = self.dependency(marker, dependency, path_names, scopes, location, Some((call, &name))) {
                out.dependencies.push(node);
            }
            return;
        }
        if name == "?" {
            let callable = self.machine.qualified_name(call).unwrap_or_else(|| "a callable".into());
            self.unknown(format!("a parameter of {callable}"), "its name is computed", "", location);
            return;
        }
        let type_value = annotation;
        if marker.is_none() {
            let special = ["HTTPConnection", "Response", "BackgroundTasks", "SecurityScopes"];
            if type_value.is_some_and(|value| special.iter().any(|class| self.derives(value, class))) {
                return;
            }
            self.suspicious_default(call, param, &name, location.clone(), type_value);
        }
        let is_path = path_names.contains(&name);
        let (place, media) = match marker {
            Some(marker) => {
                let kinds = ["Path", "Query", "Header", "Cookie"];
                match kinds.iter().find(|kind| self.is_a(marker, kind)) {
                    Some(kind) => (*kind, None),
                    None if self.is_a(marker, "File") => ("Body", Some("file")),
                    None if self.is_a(marker, "Form") => ("Body", Some("form")),
                    None if self.is_a(marker, "Body") => ("Body", Some("body")),
                    None => ("Query", None),
                }
            }
            None if is_path => ("Path", None),
            None if type_value.is_some_and(|value| self.is_upload(value)) => ("Body", Some("file")),
            None if type_value.is_some_and(|value| self.is_complex(value)) => ("Body", Some("body")),
            None => ("Query", None),
        };
        if marker.is_none()
            && place == "Query"
            && let Some(unread) = type_value.and_then(|value| self.unread_type(value))
        {
            // A model is the body, a request or a response is handed in, and the rest does not start.
            let callable = self.machine.qualified_name(call).unwrap_or_else(|| "a callable".into());
            let why = format!("{unread} is not read");
            let resolve = self.resolution(&why);
            self.unknown(format!("what `{name}` of {callable} is read from"), why, resolve, location);
            return;
        }
        let mut alias = marker.and_then(|marker| self.text_of(marker, "alias"));
        if alias.is_none() && place == "Header" {
            let converts = marker.and_then(|marker| self.machine.get(marker, "convert_underscores"));
            if converts != Some(Value::Bool(false)) {
                alias = Some(name.replace('_', "-"));
            }
        }
        let field = self.documents.then(|| {
            let annotation = param.annotation.unwrap_or(Value::None);
            let mut field = if param.annotation.is_none() && param.default.is_none() {
                self.field(&name, Value::None, None, false)
            } else {
                // A marker in the place of the default leaves nothing of `Annotated` but the type.
                let default_marks = param.default.is_some_and(|default| self.is_a(default, "Param"));
                let annotation = if default_marks { type_value.unwrap_or(annotation) } else { annotation };
                self.field(&name, annotation, param.default, false)
            };
            if param.annotation.is_none() {
                field.ty = crate::schema::Type::Any;
            }
            if let Some(marker) = marker {
                for option in ["embed", "media_type", "include_in_schema", "convert_underscores"] {
                    let value = self.machine.get(marker, option).filter(|value| !matches!(value, Value::Unknown(_)));
                    let value = self.option(marker, option).or(value);
                    if let Some(json) = value.and_then(|value| self.json_of(value))
                        && !json.is_null()
                    {
                        field.facts.insert(option.to_owned(), json);
                    }
                }
            }
            if place == "Path" {
                field.required = true;
                field.default = None;
            }
            Box::new(field)
        });
        let parameter = Parameter {
            field,
            alias: alias.clone().unwrap_or_else(|| name.clone()),
            name: name.clone(),
            annotation: type_value.map(|value| self.machine.type_text(value)),
            required,
            media,
            location,
        };
        let mut parameter = parameter;
        if let (Some(field), Some(alias)) = (&mut parameter.field, alias) {
            field.alias = alias;
        }
        let list = match place {
            "Path" => &mut out.parameters.path,
            "Header" => &mut out.parameters.header,
            "Cookie" => &mut out.parameters.cookie,
            "Body" => &mut out.parameters.body,
            _ => &mut out.parameters.query,
        };
        list.push(parameter);
    }

    /// One `Depends(...)`, from a signature or a `dependencies=` list.
    pub(super) fn dependency(
        &mut self,
        marker: Value,
        call: Value,
        path_names: &[String],
        scopes: &[String],
        declared_at: Option<architect_source::Location>,
        owner: Option<(Value, &str)>,
    ) -> Option<Dependency> {
        if !self.may_read_dependency(declared_at.as_ref()) {
            return None;
        }
        if let Some(Object::Suspended { function, coroutine, .. }) = self.machine.obj(call) {
            let (function, coroutine) = (Value::Obj(*function), *coroutine);
            let function = self.machine.qualified_name(function).unwrap_or_default();
            let what = if coroutine { "a coroutine" } else { "a generator" }.to_owned();
            self.suspicious(owner, Suspicion::DependsOnResult { what, function }, declared_at);
            return None;
        }
        let own: Vec<String> = if self.is_a(marker, "Security") {
            self.list_of(marker, "scopes")
                .into_iter()
                .filter_map(|scope| self.machine.text(scope).map(str::to_owned))
                .collect()
        } else {
            Vec::new()
        };
        let mut all: Vec<String> = scopes.to_vec();
        all.extend(own.iter().cloned());
        if let Value::Obj(id) = call {
            let key = self.machine.function(call).map_or(id, |(id, _)| id);
            *self.dependency_uses.entry(key).or_default() += 1;
        }
        let name = match self.machine.qualified_name(call) {
            Some(name) => name,
            None => {
                let (why, site) = match call {
                    Value::Unknown(id) => {
                        let (why, site) = self.machine.reason(id);
                        (why.to_owned(), site)
                    }
                    _ => ("it depends on something unknown".to_owned(), None),
                };
                let location = site.map(|site| self.location(site)).or_else(|| declared_at.clone());
                self.unknown("a dependency", why, "", location);
                "?".to_owned()
            }
        };
        let security_scheme = self.is_a(call, "SecurityBase");
        let guard = self.guard(call, 0);
        let optional_scheme = security_scheme && self.is_optional_scheme(call, &guard);
        let inner = self.dependant(call, path_names, &all);
        let generator =
            self.machine.function(call).is_some_and(|(_, function)| architect_python::is_generator(function.node));
        let use_cache = self.machine.get(marker, "use_cache") != Some(Value::Bool(false));
        // From 0.123 on a dependency knows its own scopes apart from those of its parents.
        let all_scopes = all.clone();
        let shown = if self.fastapi_minor >= 123 { own } else { all };
        Some(Dependency {
            call: name,
            scopes: shown,
            use_cache,
            scope: self.text_of(marker, "scope"),
            is_yield: generator,
            security_scheme,
            optional_scheme,
            guard,
            all_scopes,
            scheme: if self.documents && security_scheme { self.scheme(call) } else { None },
            parameters: inner.parameters,
            dependencies: inner.dependencies,
            location: self.definition(call),
            parameter: owner.map(|(_, parameter)| parameter.to_owned()),
            declared_at,
            conditional: None,
        })
    }

    pub(super) fn type_name(&mut self, value: Value) -> String {
        // `typing.Dict` is no class, and goes by what Python prints of it.
        let is_alias =
            self.machine.external_path(value).is_some_and(|path| path.starts_with("typing.") && is_collection(path));
        match self.machine.obj(value) {
            Some(Object::Class(_) | Object::External(_)) if !is_alias => {
                self.machine.qualified_name(value).unwrap_or_else(|| "?".into())
            }
            _ => self.machine.type_text(value),
        }
    }

    fn members(&self, value: Value) -> Option<Vec<Value>> {
        match self.machine.obj(value)? {
            Object::Union(args) => Some(args.clone()),
            Object::Generic { origin, args } => match self.machine.external_path(*origin)? {
                "typing.Union" => Some(args.clone()),
                "typing.Annotated" => Some(args[..1].to_vec()),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a type comes from that is not read, where that leaves open what FastAPI makes of it.
    pub(super) fn unread_type(&self, value: Value) -> Option<String> {
        if let Some(members) = self.members(value) {
            return members.iter().find_map(|member| self.unread_type(*member));
        }
        match self.machine.obj(value)? {
            Object::External(_) => self.machine.unread_path(value).map(str::to_owned),
            Object::Generic { origin, .. } => self.unread_type(*origin),
            Object::Class(class) if class.open => {
                let mut unread = None;
                for parent in &class.mro {
                    let parent = self.machine.class(Value::Obj(*parent))?;
                    // Whatever else an enumeration or a text is, it is that.
                    let module = self.machine.names.text(parent.module);
                    if module == "enum" || module == "builtins" && self.machine.names.text(parent.name) != "object" {
                        return None;
                    }
                    let mut bases = parent.bases.iter();
                    unread = unread.or_else(|| bases.find_map(|base| self.unread_type(*base)));
                }
                unread
            }
            _ => None,
        }
    }

    fn is_upload(&self, value: Value) -> bool {
        if self.derives(value, "UploadFile") {
            return true;
        }
        if let Some(members) = self.members(value) {
            return members.iter().any(|member| self.is_upload(*member));
        }
        match self.machine.obj(value) {
            Some(Object::Generic { args, .. }) => args.first().is_some_and(|arg| self.derives(*arg, "UploadFile")),
            _ => false,
        }
    }

    /// Whether FastAPI reads a parameter of this type from the body: models, dataclasses, mappings, sequences.
    fn is_complex(&self, value: Value) -> bool {
        if let Some(members) = self.members(value) {
            return members.iter().any(|member| self.is_complex(*member));
        }
        match self.machine.obj(value) {
            Some(Object::Class(class)) => {
                let model = self.machine.names.lookup("__architect_fields__").is_some_and(|marker| {
                    class.mro.iter().any(|parent| {
                        self.machine.class(Value::Obj(*parent)).is_some_and(|class| class.ns.contains_key(&marker))
                    })
                });
                let typed_dict =
                    class.bases.iter().any(|base| self.machine.external_path(*base) == Some("typing.TypedDict"));
                model
                    || typed_dict
                    || class.mro.iter().any(|parent| {
                        self.machine.class(Value::Obj(*parent)).is_some_and(|class| {
                            self.machine.names.text(class.module) == "builtins"
                                && matches!(
                                    self.machine.names.text(class.name),
                                    "list" | "dict" | "set" | "frozenset" | "tuple"
                                )
                        })
                    })
            }
            Some(Object::Generic { origin, .. }) => {
                let origin = *origin;
                match self.machine.external_path(origin) {
                    Some(path) => is_collection(path),
                    None => self.is_complex(origin),
                }
            }
            Some(Object::External(path)) => is_collection(self.machine.names.text(*path)),
            _ => false,
        }
    }

    fn suspicious(
        &mut self,
        owner: Option<(Value, &str)>,
        suspicion: Suspicion,
        location: Option<architect_source::Location>,
    ) {
        let Some(location) = location else { return };
        let function = owner.and_then(|(owner, _)| self.machine.qualified_name(owner)).unwrap_or_default();
        let parameter = owner.map(|(_, name)| name.to_owned()).unwrap_or_default();
        let known = self
            .service
            .suspicious_parameters
            .iter()
            .any(|known| known.location == location && known.suspicion == suspicion);
        if !known {
            let endpoint = self.current_endpoint.clone();
            self.service.suspicious_parameters.push(SuspiciousParameter {
                function,
                parameter,
                suspicion,
                location,
                endpoint,
            });
        }
    }

    fn suspicious_default(
        &mut self,
        call: Value,
        param: &SigParam,
        name: &str,
        location: Option<architect_source::Location>,
        annotation: Option<Value>,
    ) {
        let Some(default) = param.default else { return };
        if !matches!(self.machine.obj(default), Some(Object::Function(_))) {
            return;
        }
        let Some((id, function)) = self.machine.function(default) else { return };
        let generator = architect_python::is_generator(function.node);
        let is_dependency = generator || self.dependency_uses.contains_key(&id);
        let function = self.machine.qualified_name(default).unwrap_or_default();
        let becomes = if annotation.is_some_and(|value| self.is_complex(value)) { "body" } else { "query" };
        self.suspicious(Some((call, name)), Suspicion::CallableDefault { function, becomes, is_dependency }, location);
    }

    fn suspicious_annotated(
        &mut self,
        call: Value,
        name: &str,
        metadata: &[Value],
        location: Option<architect_source::Location>,
    ) {
        for value in metadata {
            if !matches!(self.machine.obj(*value), Some(Object::Function(_))) {
                continue;
            }
            let Some((id, _)) = self.machine.function(*value) else { continue };
            let is_dependency = self.dependency_uses.contains_key(&id);
            let function = self.machine.qualified_name(*value).unwrap_or_default();
            self.suspicious(
                Some((call, name)),
                Suspicion::CallableInAnnotated { function, is_dependency },
                location.clone(),
            );
        }
    }
}

fn is_collection(path: &str) -> bool {
    let Some(name) = path.strip_prefix("typing.").or_else(|| path.strip_prefix("collections.abc.")) else {
        return matches!(path, "collections.OrderedDict" | "collections.Counter" | "collections.deque");
    };
    matches!(
        name,
        "List"
            | "Dict"
            | "Set"
            | "FrozenSet"
            | "Tuple"
            | "Sequence"
            | "MutableSequence"
            | "Mapping"
            | "MutableMapping"
            | "DefaultDict"
            | "OrderedDict"
            | "Deque"
            | "Counter"
    )
}
