//! The data model as it is written on the command line: `order total:decimal:gt=0 status:enum(new,paid):index`.

use crate::names;

/// One resource: what a table, its schemas and its endpoints are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Singular, in snake case.
    pub name: String,
    /// What it holds, in the order given.
    pub fields: Vec<Field>,
}

/// One field of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// In snake case; a reference goes by the name without `_id`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be left out.
    pub nullable: bool,
    /// Whether it has an index of its own.
    pub index: bool,
    /// Whether no two rows share a value.
    pub unique: bool,
    /// Bounds of numbers, as written.
    pub bounds: Vec<Bound>,
    /// Least and greatest length of texts.
    pub length: (Option<u32>, Option<u32>),
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of text, at most 255 characters.
    String,
    /// Text of several lines.
    Text,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInteger,
    /// A floating-point number.
    Float,
    /// An exact number with two decimal places.
    Decimal,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A moment, with its time zone.
    DateTime,
    /// A UUID.
    Uuid,
    /// One of these values.
    Enum(Vec<String>),
    /// The identifier of another resource, and what happens to this row when that one is deleted.
    Reference {
        /// The resource that is referred to.
        target: String,
        /// What deleting it does.
        on_delete: OnDelete,
    },
}

/// What deleting a row does to those that refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// They are deleted, too.
    Cascade,
    /// It is refused while there are any.
    Restrict,
    /// They refer to nothing.
    SetNull,
}

impl OnDelete {
    /// As SQL spells it.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Cascade => "CASCADE",
            Self::Restrict => "RESTRICT",
            Self::SetNull => "SET NULL",
        }
    }
}

/// A bound of a number: `gt=0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// `gt`, `ge`, `lt` or `le`.
    pub operator: String,
    /// A number, as it was written.
    pub value: String,
}

impl Bound {
    /// As SQL spells the operator.
    pub fn sql(&self) -> &'static str {
        match self.operator.as_str() {
            "gt" => ">",
            "ge" => ">=",
            "lt" => "<",
            _ => "<=",
        }
    }
}

const KINDS: &str =
    "string, text, int, bigint, float, decimal, bool, date, datetime, uuid, enum(a,b), ref, ref(RESOURCE)";
const MODIFIERS: &str = "index, unique, gt=, ge=, lt=, le=, min=, max=, cascade, restrict, set-null";

impl Resource {
    /// Reads a resource: its name, then its fields, separated by spaces.
    ///
    /// # Errors
    /// One sentence that names the resource, the field and what is wrong with it. References are looked at when all
    /// resources are known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut words = split(text)?.into_iter();
        let name = words.next().ok_or("a resource is empty: write \"order total:decimal status:enum(new,paid)\"")?;
        if name.contains(':') {
            return Err(format!("resource {text:?} starts with a field: its name comes first"));
        }
        names::check_resource(&name)?;
        let mut fields: Vec<Field> = Vec::new();
        for word in words {
            let field = field(&name, &word)?;
            if fields.iter().any(|other| other.name == field.name || other.column() == field.column()) {
                return Err(format!("resource {name:?} has the field {:?} twice", field.name));
            }
            fields.push(field);
        }
        if fields.is_empty() {
            return Err(format!("resource {name:?} has no fields: write \"{name} title:string\""));
        }
        Ok(Self { name, fields })
    }
}

impl Field {
    /// The least and the greatest whole number within the bounds; nothing when there is none.
    pub fn whole_bounds(&self) -> Option<(i64, i64)> {
        let (mut least, mut most) = if self.kind == Kind::BigInteger {
            (i64::MIN, i64::MAX)
        } else {
            (i64::from(i32::MIN), i64::from(i32::MAX))
        };
        for bound in &self.bounds {
            let value: i64 = bound.value.parse().ok()?;
            match bound.operator.as_str() {
                "gt" => least = value.checked_add(1)?,
                "ge" => least = value,
                "lt" => most = value.checked_sub(1)?,
                _ => most = value,
            }
        }
        (least <= most).then_some((least, most))
    }

    /// What its column is called.
    pub fn column(&self) -> String {
        match self.kind {
            Kind::Reference { .. } => format!("{}_id", self.name),
            _ => self.name.clone(),
        }
    }
}

/// Splits at spaces outside of parentheses.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = vec![String::new()];
    let mut depth = 0_u32;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or_else(|| format!("resource {text:?}: \")\" closes nothing"))?,
            _ => {}
        }
        if letter.is_whitespace() && depth == 0 {
            words.push(String::new());
        } else if !letter.is_whitespace() {
            words.last_mut().expect("never empty").push(letter);
        }
    }
    if depth > 0 {
        return Err(format!("resource {text:?}: \"(\" is never closed"));
    }
    words.retain(|word| !word.is_empty());
    Ok(words)
}

fn field(resource: &str, word: &str) -> Result<Field, String> {
    let mut parts = word.split(':');
    let name = parts.next().unwrap_or_default().to_owned();
    let wrong = |what: String| format!("resource {resource:?}: field {name:?}: {what}");
    let Some(kind) = parts.next().filter(|kind| !kind.is_empty()) else {
        return Err(wrong(format!("has no type: one of {KINDS}")));
    };
    let (kind, nullable) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
    let (word, inside) = match kind.split_once('(') {
        Some((word, rest)) => {
            let inside = rest.strip_suffix(')').ok_or_else(|| wrong(format!("{kind:?} goes on after \")\"")))?;
            (word, Some(inside.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>()))
        }
        None => (kind, None),
    };
    let kind = match (word, inside) {
        ("string" | "str", None) => Kind::String,
        ("text", None) => Kind::Text,
        ("int" | "integer", None) => Kind::Integer,
        ("bigint", None) => Kind::BigInteger,
        ("float", None) => Kind::Float,
        ("decimal", None) => Kind::Decimal,
        ("bool" | "boolean", None) => Kind::Boolean,
        ("date", None) => Kind::Date,
        ("datetime", None) => Kind::DateTime,
        ("uuid", None) => Kind::Uuid,
        ("enum", Some(values)) => Kind::Enum(members(&values).map_err(&wrong)?),
        ("enum", None) => return Err(wrong("an enum lists its values: enum(new,paid)".to_owned())),
        ("ref", None) => reference(&name),
        ("ref", Some(target)) if target.len() == 1 => reference(&target[0]),
        _ => return Err(wrong(format!("{kind:?} is not a type: one of {KINDS}"))),
    };
    let mut field = Field {
        name: name.clone(),
        kind,
        nullable,
        index: false,
        unique: false,
        bounds: Vec::new(),
        length: (None, None),
    };
    let column = field.column();
    names::check_field(resource, &name, if column == name { &name } else { &column })?;
    for modifier in parts {
        modify(&mut field, modifier).map_err(&wrong)?;
    }
    check(&field).map_err(wrong)?;
    Ok(field)
}

fn reference(target: &str) -> Kind {
    Kind::Reference { target: target.to_owned(), on_delete: OnDelete::Restrict }
}

fn members(values: &[String]) -> Result<Vec<String>, String> {
    for (at, value) in values.iter().enumerate() {
        let shaped = value.starts_with(|c: char| c.is_ascii_lowercase())
            && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !shaped || names::is_python_keyword(value) || matches!(value.as_str(), "name" | "value") {
            return Err(format!("{value:?} cannot be a value of an enum: use lower case words, and no keywords"));
        }
        if values[..at].contains(value) {
            return Err(format!("the value {value:?} stands twice"));
        }
    }
    Ok(values.to_vec())
}

fn modify(field: &mut Field, modifier: &str) -> Result<(), String> {
    if modifier.ends_with('?') {
        return Err(format!("\"?\" follows the type, before {modifier:?}: {}:decimal?:gt=0", field.name));
    }
    let (key, value) = modifier.split_once('=').map_or((modifier, None), |(key, value)| (key, Some(value)));
    match (key, value) {
        ("index", None) => field.index = true,
        ("unique", None) => field.unique = true,
        ("cascade" | "restrict" | "set-null", None) => {
            let Kind::Reference { on_delete, .. } = &mut field.kind else {
                return Err(format!("{key} is for references"));
            };
            *on_delete = match key {
                "cascade" => OnDelete::Cascade,
                "restrict" => OnDelete::Restrict,
                _ => OnDelete::SetNull,
            };
        }
        ("gt" | "ge" | "lt" | "le", Some(value)) => {
            let fits = match field.kind {
                Kind::Integer => value.parse::<i32>().is_ok(),
                Kind::BigInteger => value.parse::<i64>().is_ok(),
                Kind::Float | Kind::Decimal => value.parse::<f64>().is_ok_and(f64::is_finite),
                _ => return Err(format!("{key}= is for numbers")),
            };
            // A number as Python and SQL spell it, too.
            if !fits || !value.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.')) {
                return Err(format!("{key}={value} is not a number that it can hold"));
            }
            field.bounds.push(Bound { operator: key.to_owned(), value: value.to_owned() });
        }
        ("min" | "max", Some(value)) => {
            if !matches!(field.kind, Kind::String | Kind::Text) {
                return Err(format!("{key}= is the length of a string or text; numbers have gt=, ge=, lt= and le="));
            }
            let length = value.parse().map_err(|_| format!("{key}={value} is not a length"))?;
            *if key == "min" { &mut field.length.0 } else { &mut field.length.1 } = Some(length);
        }
        _ => return Err(format!("{modifier:?} is not understood: one of {MODIFIERS}")),
    }
    Ok(())
}

fn check(field: &Field) -> Result<(), String> {
    if let Kind::Reference { on_delete: OnDelete::SetNull, .. } = field.kind
        && !field.nullable
    {
        return Err("set-null needs a reference that may be empty: ref?".to_owned());
    }
    if matches!(field.kind, Kind::Text | Kind::Boolean) && field.unique {
        return Err("unique needs a type whose values can be compared cheaply and differ".to_owned());
    }
    if let (Some(least), Some(most)) = field.length
        && least > most
    {
        return Err(format!("min={least} is more than max={most}"));
    }
    if field.length.1 == Some(0) || (field.kind == Kind::String && field.length.1.is_some_and(|most| most > 1000)) {
        return Err("a string has 1 to 1000 characters; longer ones are text".to_owned());
    }
    let bound = |operators: [&str; 2]| {
        let mut found = field.bounds.iter().filter(|bound| operators.contains(&bound.operator.as_str()));
        (found.next().and_then(|bound| bound.value.parse::<f64>().ok()), found.next().is_some())
    };
    let ((low, lower_twice), (high, upper_twice)) = (bound(["gt", "ge"]), bound(["lt", "le"]));
    if lower_twice || upper_twice {
        return Err("has two bounds on one side".to_owned());
    }
    if let (Some(low), Some(high)) = (low, high)
        && (low >= high || (matches!(field.kind, Kind::Integer | Kind::BigInteger) && field.whole_bounds().is_none()))
    {
        return Err("its bounds leave no room between them".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_manual_is_read() {
        let order =
            Resource::parse("order total:decimal:gt=0 status:enum(new, paid):index user:ref:cascade note:text?")
                .unwrap();
        assert_eq!(order.name, "order");
        let columns: Vec<String> = order.fields.iter().map(Field::column).collect();
        assert_eq!(columns, ["total", "status", "user_id", "note"]);
        assert_eq!(order.fields[0].bounds, [Bound { operator: "gt".into(), value: "0".into() }]);
        assert_eq!(order.fields[1].kind, Kind::Enum(vec!["new".into(), "paid".into()]));
        assert!(order.fields[1].index && order.fields[3].nullable);
        assert_eq!(order.fields[2].kind, Kind::Reference { target: "user".into(), on_delete: OnDelete::Cascade });
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("", "is empty"),
            ("order", "no fields"),
            ("total:decimal", "its name comes first"),
            ("class title:string", "keyword of Python"),
            ("user name:string", "has that already"),
            ("order select:string", "reserved word of SQL"),
            ("order lambda:string", "keyword of Python"),
            ("order id:int", "taken"),
            ("order model_x:int", "taken"),
            ("order total", "no type"),
            ("order total:money", "not a type"),
            ("order total:decimal:gt=x", "not a number"),
            ("order total:int:gt=99999999999", "not a number"),
            ("order total:int:gt=5:lt=2", "no room"),
            ("order total:int:gt=5:lt=6", "no room"),
            ("order total:int:gt=5:ge=2", "two bounds"),
            ("order total:int:fast", "not understood"),
            ("order total:int:gt=0?", "follows the type"),
            ("order title:string:gt=1", "for numbers"),
            ("order total:int:max=3", "is the length"),
            ("order title:string:cascade", "for references"),
            ("order status:enum", "lists its values"),
            ("order status:enum(new,new)", "twice"),
            ("order status:enum(None)", "cannot be a value"),
            ("order status:enum(new", "never closed"),
            ("order status:enum)new", "closes nothing"),
            ("order a:int a:int", "twice"),
            ("order user:ref:set-null", "may be empty"),
            ("Order a:int", "lower case"),
            ("../order a:int", "lower case"),
        ] {
            let told = Resource::parse(text).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
