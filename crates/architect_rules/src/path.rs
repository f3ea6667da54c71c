//! Path patterns as Starlette matches them, as languages that can be compared.

use std::collections::{BTreeSet, HashSet};

/// A compiled path pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Parameter { name: String, convertor: Convertor },
}

/// The convertors of Starlette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Convertor {
    Str,
    Int,
    Float,
    Path,
    Uuid,
}

impl Pattern {
    /// Compiles a path; `None` when it names a convertor Starlette does not have, since a project may register its
    /// own.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = path;
        while let Some(next) = rest.chars().next() {
            if next == '{'
                && let Some(end) = rest.find('}')
                && let Some((name, convertor)) = parameter(&rest[1..end])
            {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Parameter { name: name.to_owned(), convertor: convertor? });
                rest = &rest[end + 1..];
            } else {
                text.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Some(Self { parts })
    }

    /// The pattern without the names of its parameters: equal keys match the same paths.
    pub(crate) fn key(&self) -> String {
        self.parts.iter().fold(String::new(), |mut out, part| {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Parameter { convertor, .. } => out.push_str(convertor.key()),
            }
            out
        })
    }

    /// Whether every path that `other` matches is matched by this pattern.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let (mine, theirs) = (Automaton::new(self), Automaton::new(other));
        let alphabet = alphabet(self, other);
        let start = (theirs.start(), mine.start());
        let mut seen = HashSet::from([start.clone()]);
        let mut todo = vec![start];
        while let Some((their, my)) = todo.pop() {
            if theirs.accepts(&their) && !mine.accepts(&my) {
                return false;
            }
            for letter in &alphabet {
                let their = theirs.step(&their, *letter);
                if their.is_empty() {
                    continue;
                }
                let my = mine.step(&my, *letter);
                if my.is_empty() {
                    // Every state leads to acceptance, so some path of `other` goes on from here.
                    return false;
                }
                let next = (their, my);
                if seen.insert(next.clone()) {
                    todo.push(next);
                }
            }
        }
        true
    }

    /// What the parameters of this pattern receive from the fixed segments of a pattern it covers: name and text.
    pub(crate) fn captures(&self, other: &Self) -> Vec<(String, String)> {
        let (mine, theirs) = (self.segments(), other.segments());
        let mut out = Vec::new();
        for (index, segment) in mine.iter().enumerate() {
            match segment.as_slice() {
                [Part::Parameter { name, convertor: Convertor::Path }] if index + 1 == mine.len() => {
                    let rest: Option<Vec<&str>> = theirs.iter().skip(index).map(|segment| fixed(segment)).collect();
                    out.extend(rest.map(|rest| (name.clone(), rest.join("/"))));
                    return out;
                }
                [Part::Parameter { name, .. }] => {
                    let text = theirs.get(index).and_then(|segment| fixed(segment));
                    out.extend(text.map(|text| (name.clone(), text.to_owned())));
                }
                [Part::Text(_)] | [] => {}
                _ => return out,
            }
        }
        out
    }

    /// The pattern between slashes. A `path` parameter is part of the segment it starts in.
    fn segments(&self) -> Vec<Vec<Part>> {
        let mut out = vec![Vec::new()];
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    for (index, piece) in text.split('/').enumerate() {
                        if index > 0 {
                            out.push(Vec::new());
                        }
                        if !piece.is_empty()
                            && let Some(last) = out.last_mut()
                        {
                            last.push(Part::Text(piece.to_owned()));
                        }
                    }
                }
                parameter => {
                    if let Some(last) = out.last_mut() {
                        last.push(parameter.clone());
                    }
                }
            }
        }
        out
    }

    /// The segments as the index needs them.
    pub(crate) fn steps(&self) -> Vec<Segment> {
        self.segments()
            .into_iter()
            .map(|parts| match fixed(&parts) {
                Some(text) => Segment::Fixed(text.to_owned()),
                None if parts.iter().any(|p| matches!(p, Part::Parameter { convertor: Convertor::Path, .. })) => {
                    Segment::Rest
                }
                None => Segment::Open(Pattern { parts }.key()),
            })
            .collect()
    }
}

/// What one segment of a pattern is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    /// Text.
    Fixed(String),
    /// Text with parameters that stay in the segment.
    Open(String),
    /// It holds a `path` parameter, which may run over slashes.
    Rest,
}

fn fixed(segment: &[Part]) -> Option<&str> {
    match segment {
        [] => Some(""),
        [Part::Text(text)] => Some(text),
        _ => None,
    }
}

/// Name and convertor of what stands in braces; `None` when Starlette reads it as text.
fn parameter(inner: &str) -> Option<(&str, Option<Convertor>)> {
    let (name, convertor) = inner.split_once(':').unwrap_or((inner, "str"));
    let word = |text: &str| {
        text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    (word(name) && word(convertor)).then(|| (name, Convertor::named(convertor)))
}

impl Convertor {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "str" => Self::Str,
            "int" => Self::Int,
            "float" => Self::Float,
            "path" => Self::Path,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }

    fn key(self) -> &'static str {
        match self {
            Self::Str => "{}",
            Self::Int => "{:int}",
            Self::Float => "{:float}",
            Self::Path => "{:path}",
            Self::Uuid => "{:uuid}",
        }
    }
}

/// A set of letters.
#[derive(Clone, Copy, Debug)]
enum Letters {
    One(char),
    NotSlash,
    Any,
    Digit,
    Hex,
}

impl Letters {
    fn contains(self, letter: char) -> bool {
        match self {
            Self::One(one) => one == letter,
            Self::NotSlash => letter != '/',
            Self::Any => true,
            Self::Digit => letter.is_ascii_digit(),
            Self::Hex => letter.is_ascii_hexdigit(),
        }
    }
}

/// A small automaton. Every state leads to an accepting one.
struct Automaton {
    /// From each state: letters and the next state; without letters it costs nothing.
    edges: Vec<Vec<(Option<Letters>, usize)>>,
}

impl Automaton {
    fn new(pattern: &Pattern) -> Self {
        let mut automaton = Self { edges: vec![Vec::new()] };
        for part in &pattern.parts {
            match part {
                Part::Text(text) => text.chars().for_each(|letter| automaton.one(Letters::One(letter))),
                Part::Parameter { convertor: Convertor::Str, .. } => automaton.many(Letters::NotSlash),
                Part::Parameter { convertor: Convertor::Int, .. } => automaton.many(Letters::Digit),
                Part::Parameter { convertor: Convertor::Path, .. } => {
                    let last = automaton.last();
                    automaton.edges[last].push((Some(Letters::Any), last));
                    automaton.free();
                }
                Part::Parameter { convertor: Convertor::Float, .. } => {
                    automaton.many(Letters::Digit);
                    let before = automaton.last();
                    automaton.free();
                    automaton.one(Letters::One('.'));
                    automaton.many(Letters::Digit);
                    automaton.free();
                    let after = automaton.last();
                    automaton.edges[before].push((None, after));
                }
                Part::Parameter { convertor: Convertor::Uuid, .. } => {
                    for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                        if index > 0 {
                            let before = automaton.last();
                            automaton.one(Letters::One('-'));
                            let after = automaton.last();
                            automaton.edges[before].push((None, after));
                        }
                        (0..length).for_each(|_| automaton.one(Letters::Hex));
                    }
                }
            }
        }
        automaton
    }

    fn last(&self) -> usize {
        self.edges.len() - 1
    }

    fn edge(&mut self, letters: Option<Letters>) {
        let last = self.last();
        self.edges.push(Vec::new());
        self.edges[last].push((letters, last + 1));
    }

    fn one(&mut self, letters: Letters) {
        self.edge(Some(letters));
    }

    fn free(&mut self) {
        self.edge(None);
    }

    /// One or more; a state of its own so that what follows cannot loop back.
    fn many(&mut self, letters: Letters) {
        self.edge(Some(letters));
        let last = self.last();
        self.edges[last].push((Some(letters), last));
        self.free();
    }

    fn start(&self) -> BTreeSet<usize> {
        self.closed(vec![0])
    }

    fn accepts(&self, states: &BTreeSet<usize>) -> bool {
        states.contains(&self.last())
    }

    fn step(&self, states: &BTreeSet<usize>, letter: char) -> BTreeSet<usize> {
        let next = states
            .iter()
            .flat_map(|state| &self.edges[*state])
            .filter(|(letters, _)| letters.is_some_and(|letters| letters.contains(letter)))
            .map(|(_, to)| *to)
            .collect();
        self.closed(next)
    }

    fn closed(&self, mut todo: Vec<usize>) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        while let Some(state) = todo.pop() {
            if out.insert(state) {
                todo.extend(self.edges[state].iter().filter(|(letters, _)| letters.is_none()).map(|(_, to)| *to));
            }
        }
        out
    }
}

/// One letter for every class of letters the two patterns tell apart.
fn alphabet(one: &Pattern, two: &Pattern) -> Vec<char> {
    let mut letters: BTreeSet<char> = BTreeSet::from(['/', '.', '-']);
    for part in one.parts.iter().chain(&two.parts) {
        if let Part::Text(text) = part {
            letters.extend(text.chars());
        }
    }
    let unused: Vec<char> = ['0'..='9', 'a'..='f', 'g'..='z']
        .into_iter()
        .filter_map(|mut class| class.find(|letter| !letters.contains(letter)))
        .chain(['\u{1F40D}'])
        .collect();
    letters.extend(unused);
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(path: &str) -> Pattern {
        Pattern::parse(path).expect("a known convertor")
    }

    fn covers(one: &str, two: &str) -> bool {
        pattern(one).covers(&pattern(two))
    }

    #[test]
    fn inclusion_follows_the_convertors() {
        for (one, two) in [
            ("/u/{id}", "/u/me"),
            ("/u/{id}", "/u/{name:uuid}"),
            ("/u/{id}", "/u/{n:float}"),
            ("/u/{n:float}", "/u/{n:int}"),
            ("/u/{n:int}", "/u/42"),
            ("/{p:path}", "/"),
            ("/{p:path}", "/a/{b}/c"),
            ("/a/{p:path}", "/a/{q:path}"),
            ("/{a}/{b}", "/x/{b}"),
            ("/files/{name}", "/files/{name}.json"),
            ("/u/{n:uuid}", "/u/123e4567e89b12d3a456426614174000"),
        ] {
            assert!(covers(one, two), "{one} covers {two}");
        }
        for (one, two) in [
            ("/u/me", "/u/{id}"),
            ("/u/{id:int}", "/u/me"),
            ("/u/{id}", "/u/{p:path}"),
            ("/u/{id}", "/u/"),
            ("/u/{id}", "/u/me/x"),
            ("/u/{n:int}", "/u/{n:float}"),
            ("/u/{n:int}", "/u/4.2"),
            ("/a/{p:path}", "/a"),
            ("/{a}/x", "/x/{b}"),
            ("/files/{name}.json", "/files/{name}"),
            ("/u/{n:uuid}", "/u/{n}"),
        ] {
            assert!(!covers(one, two), "{one} does not cover {two}");
        }
    }

    #[test]
    fn unknown_convertors_are_not_guessed() {
        assert_eq!(Pattern::parse("/u/{id:slug}"), None);
        assert_eq!(pattern("/u/{a-b}").key(), "/u/{a-b}");
    }

    #[test]
    fn captures_name_what_a_parameter_receives() {
        let one = |name: &str, text: &str| vec![(name.to_owned(), text.to_owned())];
        assert_eq!(pattern("/u/{id}").captures(&pattern("/u/me")), one("id", "me"));
        assert_eq!(pattern("/{p:path}").captures(&pattern("/a/b")), one("p", "a/b"));
        assert_eq!(pattern("/{p:path}").captures(&pattern("/a/{b}")), []);
    }
}
