//! Columns of SQLModel's fields.
//!
//! Source: sqlmodel/main.py (`get_column_from_field`, `get_sqlalchemy_type`).

use architect_python::{CallArgs, Object, Value};

use super::Recogniser;
use super::columns::Spec;

impl Recogniser<'_> {
    /// What a field of a model says about its column.
    pub(super) fn field_spec(&mut self, column: Value, spec: &mut Spec) {
        let field = self.held(column, "field");
        let options = field.and_then(|field| self.held(field, "options"));
        let option = |recogniser: &Self, name: &str| {
            options.and_then(|options| recogniser.entry(options, name)).filter(|value| *value != Value::Ellipsis)
        };
        let annotation = match (self.held_object(column, "home"), self.held_text(column, "attribute")) {
            (Some(home), Some(name)) => self.machine.attribute_annotation(home, &name),
            _ => None,
        };
        let (inner, mut optional, beside) = match annotation {
            Some(annotation) => self.unwrap_mapped(annotation),
            None => (Value::None, false, Vec::new()),
        };
        // A default of nothing makes a field accept it, too.
        optional |= annotation.is_none();
        let primary = option(self, "primary_key").and_then(|value| self.machine.truth(value)) == Some(true);
        let nullable = option(self, "nullable").and_then(|value| self.machine.truth(value));
        spec.keywords.push(("primary_key".into(), Value::Bool(primary)));
        spec.keywords.push(("nullable".into(), Value::Bool(nullable.unwrap_or(optional && !primary))));
        for name in ["index", "unique"] {
            let given = option(self, name).and_then(|value| self.machine.truth(value)).unwrap_or(false);
            spec.keywords.push((name.into(), Value::Bool(given)));
        }
        if let Some(target) = option(self, "foreign_key").filter(|target| *target != Value::None) {
            let schema = self.machine.already_imported("sqlalchemy.sql.schema");
            let class = schema.and_then(|schema| self.machine.get(schema, "ForeignKey"));
            let mut kw = Vec::new();
            if let Some(ondelete) = option(self, "ondelete") {
                kw.push((self.machine.names.intern("ondelete"), ondelete));
            }
            let args = CallArgs { pos: vec![target], kw, open: false };
            spec.args.extend(class.and_then(|class| self.machine.invoke(class, args).ok()));
        }
        let more = option(self, "sa_column_args").and_then(|more| self.machine.items(more).ok().flatten());
        spec.args.extend(more.into_iter().flat_map(|(items, _)| items));
        if let Some(Object::Dict(data)) = option(self, "sa_column_kwargs").and_then(|more| self.machine.obj(more)) {
            for (key, value) in data.items.values().copied().collect::<Vec<_>>() {
                if let Some(name) = self.machine.text(key).map(str::to_owned) {
                    spec.keywords.retain(|(known, _)| *known != name);
                    spec.keywords.push((name, value));
                }
            }
        }
        let default = match field {
            Some(field) if self.is_a(field, "FieldInfo") => self
                .held(field, "default_factory")
                .filter(|factory| *factory != Value::None)
                .or_else(|| self.held(field, "default")),
            other => other,
        };
        if let Some(default) = default.filter(|default| !matches!(default, Value::Ellipsis | Value::None))
            && spec.get("default").is_none()
        {
            spec.keywords.push(("default".into(), default));
        }
        spec.ty = option(self, "sa_type").or_else(|| {
            let length = option(self, "max_length").or_else(|| {
                beside
                    .iter()
                    .filter_map(|info| self.held(*info, "options"))
                    .find_map(|all| self.entry(all, "max_length"))
            });
            let digits = (option(self, "max_digits"), option(self, "decimal_places"));
            self.field_type(inner, length, digits)
        });
    }

    /// `get_sqlalchemy_type` of SQLModel.
    fn field_type(
        &mut self,
        python: Value,
        length: Option<Value>,
        digits: (Option<Value>, Option<Value>),
    ) -> Option<Value> {
        let is = |recogniser: &Self, name: &str| recogniser.python_type_name(python).as_deref() == Some(name);
        let mut kw = Vec::new();
        let mut pos = Vec::new();
        let name = if is(self, "enum.Enum") {
            pos.push(python);
            "Enum"
        } else {
            let derived = |recogniser: &Self, base: &str| match recogniser.machine.class(python) {
                Some(class) => class.mro.iter().any(|parent| {
                    recogniser.machine.class(Value::Obj(*parent)).is_some_and(|class| {
                        recogniser.machine.names.text(class.name) == base
                            && recogniser.machine.names.text(class.module) == "builtins"
                    })
                }),
                None => false,
            };
            let path = self.python_type_name(python)?;
            match path.as_str() {
                _ if derived(self, "str") => "AutoString",
                _ if derived(self, "float") => "Float",
                _ if derived(self, "bool") => "Boolean",
                _ if derived(self, "int") => "Integer",
                _ if derived(self, "bytes") => "LargeBinary",
                // <https://github.com/fastapi/sqlmodel/releases/tag/0.0.45>
                "datetime.datetime" | "pydantic.AwareDatetime" if self.at_least("sqlmodel", (0, 0, 45)) => {
                    let module = self.machine.already_imported("sqlmodel.sql.sqltypes")?;
                    let class = self.machine.get(module, "UTCDateTime")?;
                    return self.machine.invoke(class, CallArgs::default()).ok();
                }
                "datetime.datetime" | "pydantic.AwareDatetime" | "pydantic.NaiveDatetime" => "DateTime",
                "datetime.date" => "Date",
                "datetime.timedelta" => "Interval",
                "datetime.time" => "Time",
                "decimal.Decimal" => "Numeric",
                "uuid.UUID" | "pydantic.UUID1" | "pydantic.UUID3" | "pydantic.UUID4" | "pydantic.UUID5" => "Uuid",
                "typing.Literal" => "AutoString",
                "pydantic.EmailStr" | "pydantic.networks.EmailStr" | "pathlib.Path" | "pydantic.types.StrictStr" => {
                    "AutoString"
                }
                path if path.starts_with("ipaddress.") => "AutoString",
                _ => return None,
            }
        };
        if name == "AutoString" {
            if let Some(length) = length {
                kw.push((self.machine.names.intern("length"), length));
            }
            let module = self.machine.already_imported("sqlmodel.sql.sqltypes")?;
            let class = self.machine.get(module, "AutoString")?;
            return self.machine.invoke(class, CallArgs { pos, kw, open: false }).ok();
        }
        if name == "Numeric" {
            for (name, value) in [("precision", digits.0), ("scale", digits.1)] {
                if let Some(value) = value {
                    kw.push((self.machine.names.intern(name), value));
                }
            }
        }
        let class = self.sql_type(name)?;
        self.machine.invoke(class, CallArgs { pos, kw, open: false }).ok()
    }
}
