//! Texts: f-strings, `str`, `repr` and formats.

use ruff_python_ast as ast;

use super::budget::MAX_TEXT;
use super::{Eval, Evaluator, Frame};
use crate::value::{CallArgs, Object, Value};

/// Containers in containers whose text is known.
const TEXT_DEPTH: u32 = 100;

impl<'a> Evaluator<'a> {
    pub(super) fn f_string(&mut self, frame: &mut Frame, node: &'a ast::ExprFString) -> Eval {
        let mut text = String::new();
        for part in &node.value {
            match part {
                ast::FStringPart::Literal(literal) => text.push_str(&literal.value),
                ast::FStringPart::FString(fstring) => {
                    for element in &fstring.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
                            ast::InterpolatedStringElement::Interpolation(item) => {
                                let value = self.expr(frame, &item.expression)?;
                                if let Some(spec) = &item.format_spec {
                                    match self.formatted(value, spec) {
                                        Some(part) => text.push_str(&part),
                                        None => {
                                            return Ok(match value {
                                                Value::Unknown(_) => value,
                                                _ => self.unknown("a formatted value"),
                                            });
                                        }
                                    }
                                    continue;
                                }
                                if text.len() > MAX_TEXT {
                                    return Ok(self.unknown("a very long text"));
                                }
                                match self.text_of_value(value, matches!(item.conversion, ast::ConversionFlag::Repr))? {
                                    Some(part) => text.push_str(&part),
                                    None => {
                                        return Ok(match value {
                                            Value::Unknown(_) => value,
                                            _ => self.unknown("text of a value that is not known"),
                                        });
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        Ok(self.str(&text))
    }

    /// A value in the form that a plain format specification asks for: `02d`, `>8`, `.2f`.
    fn formatted(&self, value: Value, spec: &ast::InterpolatedStringFormatSpec) -> Option<String> {
        let mut form = String::new();
        for element in &spec.elements {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => form.push_str(&literal.value),
                ast::InterpolatedStringElement::Interpolation(_) => return None,
            }
        }
        let is_digit = |c: char| c.is_ascii_digit();
        let (align, rest) = match form.chars().next()? {
            align @ ('<' | '>' | '^') => (Some(align), &form[1..]),
            _ => (None, form.as_str()),
        };
        let zeros = align.is_none() && rest.starts_with('0');
        let (width, rest) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        let (precision, kind) = match rest.strip_prefix('.') {
            Some(rest) => {
                let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
                (Some(rest[..end].parse::<usize>().ok().filter(|count| *count < 100)?), &rest[end..])
            }
            None => (None, rest),
        };
        let width: usize = if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width < 1000)? };
        let (text, is_number) = match (value, kind, precision) {
            (Value::Int(int), "" | "d", None) => (int.to_string(), true),
            (Value::Float(float), "f", Some(precision)) => (format!("{float:.precision$}"), true),
            (Value::Str(sym), "" | "s", None) => (self.names.text(sym).to_owned(), false),
            _ => return None,
        };
        let missing = width.saturating_sub(text.chars().count());
        Some(match align {
            _ if missing == 0 => text,
            None if zeros && is_number => match text.strip_prefix('-') {
                Some(digits) => format!("-{}{digits}", "0".repeat(missing)),
                None => format!("{}{text}", "0".repeat(missing)),
            },
            None if zeros => return None,
            Some('^') => {
                let left = missing / 2;
                format!("{}{text}{}", " ".repeat(left), " ".repeat(missing - left))
            }
            Some('>') => format!("{}{text}", " ".repeat(missing)),
            None if is_number => format!("{}{text}", " ".repeat(missing)),
            _ => format!("{text}{}", " ".repeat(missing)),
        })
    }

    /// `str(value)` or `repr(value)`, where it can be known.
    pub(crate) fn text_of_value(&mut self, value: Value, repr: bool) -> Eval<Option<String>> {
        // A list may hold itself.
        if self.limits.nesting > TEXT_DEPTH {
            return Ok(None);
        }
        self.burn()?;
        self.limits.nesting += 1;
        let text = self.text_of(value, repr);
        self.limits.nesting -= 1;
        text
    }

    pub(super) fn text_of(&mut self, value: Value, repr: bool) -> Eval<Option<String>> {
        Ok(match value {
            Value::None => Some("None".into()),
            Value::Ellipsis => Some("Ellipsis".into()),
            Value::Bool(b) => Some(if b { "True" } else { "False" }.into()),
            Value::Int(i) => Some(i.to_string()),
            Value::Float(f) => Some(if f.fract() == 0.0 && f.abs() < 1e16 { format!("{f:.1}") } else { f.to_string() }),
            Value::Str(s) => {
                let text = self.names.text(s);
                Some(if repr { python_repr(text) } else { text.to_owned() })
            }
            Value::Unknown(_) => None,
            Value::Obj(id) => match self.object(id) {
                Object::Instance { .. } => {
                    let method = self.names.intern(if repr { "__repr__" } else { "__str__" });
                    match self.attribute_opt(value, method)? {
                        Some(method) => {
                            let result = self.call(method, CallArgs::default())?;
                            self.text(result).map(str::to_owned)
                        }
                        None if self.enum_member(value).is_some() => {
                            let is_str = self.text(value).map(str::to_owned);
                            let (class, name) = self.enum_member(value).unwrap_or_default();
                            let is_str_enum = self.is_subclass_of_named(value, "StrEnum");
                            match is_str {
                                Some(text) if is_str_enum => Some(text),
                                _ => Some(format!("{class}.{name}")),
                            }
                        }
                        None => None,
                    }
                }
                Object::Tuple(_) | Object::List(_, false) => {
                    let (open, close, items) = match self.object(id) {
                        Object::Tuple(items) => ("(", ")", items.clone()),
                        Object::List(items, _) => ("[", "]", items.clone()),
                        _ => return Ok(None),
                    };
                    let mut parts = Vec::with_capacity(items.len());
                    let mut length = 0;
                    for item in items {
                        match self.text_of_value(item, true)? {
                            Some(text) if length <= MAX_TEXT => {
                                length += text.len();
                                parts.push(text);
                            }
                            _ => return Ok(None),
                        }
                    }
                    let comma = if open == "(" && parts.len() == 1 { "," } else { "" };
                    Some(format!("{open}{}{comma}{close}", parts.join(", ")))
                }
                Object::Class(_) | Object::Generic { .. } | Object::Union(_) => Some(self.type_text(value)),
                _ => None,
            },
        })
    }

    pub(super) fn percent_format(&mut self, format: &str, args: &[Value]) -> Eval {
        let mut out = String::new();
        let mut args = args.iter();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if out.len() > MAX_TEXT {
                return Ok(self.unknown("a very long text"));
            }
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('%') => out.push('%'),
                Some('s' | 'd' | 'i') => match args.next() {
                    Some(value) => match self.text_of_value(*value, false)? {
                        Some(text) => out.push_str(&text),
                        None => return Ok(self.unknown("text of a value that is not known")),
                    },
                    None => return Ok(self.unknown("a format with too few values")),
                },
                _ => return Ok(self.unknown("a format that is not modelled")),
            }
        }
        Ok(self.str(&out))
    }
}

/// How Python writes a string literal.
pub(crate) fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// `str.title`: the first letter of each run of letters is upper case, the others lower case.
#[must_use]
pub fn title_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        match (letter.is_alphabetic(), inside) {
            (true, true) => out.extend(letter.to_lowercase()),
            (true, false) => out.extend(letter.to_uppercase()),
            (false, _) => out.push(letter),
        }
        inside = letter.is_alphabetic();
    }
    out
}
