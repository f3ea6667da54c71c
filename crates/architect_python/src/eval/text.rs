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
                                if let Some(debug) = &item.debug_text {
                                    let source = self
                                        .program
                                        .module(frame.module)
                                        .text
                                        .get(ruff_text_size::Ranged::range(&*item.expression).to_std_range());
                                    let Some(source) = source else {
                                        return Ok(self.unknown("a formatted value"));
                                    };
                                    text.push_str(&format!("{}{source}{}", debug.leading(), debug.trailing()));
                                }
                                let repr = matches!(item.conversion, ast::ConversionFlag::Repr)
                                    || item.debug_text.is_some()
                                        && item.format_spec.is_none()
                                        && matches!(item.conversion, ast::ConversionFlag::None);
                                if let Some(spec) = &item.format_spec {
                                    // What is converted is a text from there on.
                                    let value = match item.conversion {
                                        ast::ConversionFlag::None => value,
                                        _ => match self.text_of_value(value, repr)? {
                                            Some(text) => self.str(&text),
                                            None => value,
                                        },
                                    };
                                    let form = self.specification(frame, spec)?;
                                    match form.and_then(|form| self.formatted(value, &form)) {
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
                                match self.text_of_value(value, repr)? {
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

    /// The text of a format specification, which may have values in it; nothing where one is not known.
    fn specification(
        &mut self,
        frame: &mut Frame,
        spec: &'a ast::InterpolatedStringFormatSpec,
    ) -> Eval<Option<String>> {
        let mut form = String::new();
        for element in &spec.elements {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => form.push_str(&literal.value),
                ast::InterpolatedStringElement::Interpolation(item) => {
                    let value = self.expr(frame, &item.expression)?;
                    match self.text_of_value(value, false)? {
                        Some(part) if form.len() + part.len() < 1_000 => form.push_str(&part),
                        _ => return Ok(None),
                    }
                }
            }
        }
        Ok(Some(form))
    }

    /// A value in the form that a plain format specification asks for: `02d`, `>8`, `.2f`.
    pub(super) fn formatted(&self, value: Value, form: &str) -> Option<String> {
        let is_digit = |c: char| c.is_ascii_digit();
        let mut letters = form.chars();
        let first = letters.next()?;
        let (fill, align, rest) = match (first, letters.next()) {
            (fill, Some(align @ ('<' | '>' | '^'))) => (fill, Some(align), letters.as_str()),
            (align @ ('<' | '>' | '^'), _) => (' ', Some(align), &form[1..]),
            _ => (' ', None, form),
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
            (Value::Int(int @ 0..), "x", None) => (format!("{int:x}"), true),
            (Value::Int(int @ 0..), "X", None) => (format!("{int:X}"), true),
            (Value::Str(sym), "" | "s", None) => (self.names.text(sym).to_owned(), false),
            _ => return None,
        };
        let pad = |count: usize| fill.to_string().repeat(count);
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
                format!("{}{text}{}", pad(left), pad(missing - left))
            }
            Some('>') => format!("{}{text}", pad(missing)),
            None if is_number => format!("{}{text}", pad(missing)),
            _ => format!("{text}{}", pad(missing)),
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
                            let (class, name) = self.enum_member(value).unwrap_or_default();
                            if repr {
                                let inner = self.attribute(value, self.known.value)?;
                                let inner = self.text_of_value(inner, true)?;
                                return Ok(inner.map(|inner| format!("<{class}.{name}: {inner}>")));
                            }
                            // Members of these are written as what they are; `IntEnum` since Python 3.11. Source:
                            // https://docs.python.org/3/library/enum.html#enum.IntEnum
                            let as_value = ["StrEnum", "IntEnum", "IntFlag"];
                            if as_value.iter().any(|base| self.is_subclass_of_named(value, base)) {
                                let inner = self.attribute(value, self.known.value)?;
                                return self.text_of_value(inner, false);
                            }
                            Some(format!("{class}.{name}"))
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

/// Whether a name fits a pattern of `fnmatch`: `*`, `?`, `[a-z]` and `[!a-z]`.
pub(super) fn fits_pattern(name: &[char], pattern: &[char]) -> bool {
    // Where the last star stood, and how much of the name it took.
    let (mut at, mut from, mut star) = (0, 0, None);
    while at < name.len() {
        let fits = match pattern.get(from) {
            Some('*') => {
                star = Some((from + 1, at));
                from += 1;
                continue;
            }
            Some('?') => Some(from + 1),
            Some('[') => match pattern[from + 1..].iter().skip(1).position(|c| *c == ']') {
                Some(length) => {
                    let set = &pattern[from + 1..from + 2 + length];
                    fits_set(name[at], set).then_some(from + 3 + length)
                }
                None => (name[at] == '[').then_some(from + 1),
            },
            Some(letter) => (name[at] == *letter).then_some(from + 1),
            None => None,
        };
        match (fits, star) {
            (Some(next), _) => {
                from = next;
                at += 1;
            }
            (None, Some((after, taken))) => {
                star = Some((after, taken + 1));
                from = after;
                at = taken + 1;
            }
            (None, None) => return false,
        }
    }
    pattern[from.min(pattern.len())..].iter().all(|c| *c == '*')
}

fn fits_set(letter: char, set: &[char]) -> bool {
    let (negated, set) = match set.split_first() {
        Some(('!', rest)) => (true, rest),
        _ => (false, set),
    };
    let mut rest = set;
    let mut found = false;
    while let [first, tail @ ..] = rest {
        if let ['-', last, tail @ ..] = tail {
            found |= (*first..=*last).contains(&letter);
            rest = tail;
        } else {
            found |= *first == letter;
            rest = tail;
        }
    }
    found != negated
}

/// `urllib.parse.quote`: what is no letter, digit or one of `_.-~` and `safe` is written as bytes.
pub(super) fn percent_encoded(text: &str, safe: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if byte.is_ascii_alphanumeric() || "_.-~".contains(letter) || byte.is_ascii() && safe.contains(letter) {
            out.push(letter);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `urllib.parse.unquote`.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = digits.filter(|_| bytes[at] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
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
