//! Changes of a program that know where its statements and expressions stand.

use std::ops::Range;

use architect_python::{Pieces, pieces};

use crate::Random;

/// Larger programs are left as they are: many changes would otherwise make them grow without end.
const LARGEST: usize = 400_000;

/// The program with one change, drawn at random; as it was where the change is not possible. Pieces of `others` may get
/// into it.
#[must_use]
pub fn changed(text: &str, others: &[&str], random: &mut Random) -> String {
    if text.len() > LARGEST {
        return text.to_owned();
    }
    let scene = Scene { text, pieces: pieces(text), others };
    let change = random.pick(CHANGES).copied();
    change.and_then(|change| change(&scene, random)).unwrap_or_else(|| text.to_owned())
}

type Change = fn(&Scene<'_>, &mut Random) -> Option<String>;

/// What is drawn from; what keeps most programs meaningful is there more than once.
const CHANGES: &[Change] = &[
    swap_statements,
    swap_statements,
    repeat_statement,
    delete_statement,
    delete_statement,
    move_statement,
    move_statement,
    statement_of_other,
    statement_of_other,
    swap_expressions,
    swap_expressions,
    expression_of_other,
    expression_of_other,
    expression_of_other,
    odd_expression,
    odd_expression,
    rename,
    rename,
    decorate,
    decorate_in_circles,
    derive_in_circles,
    nest_expression,
    nest_statement,
    chain_expression,
    keyword,
    keyword,
    indent,
    cut,
    odd_token,
    line_ends,
];

/// What stands where something else is expected, and may mean a lot.
const EXPRESSIONS: &[&str] = &[
    "None",
    "...",
    "()",
    "[]",
    "{}",
    "-1",
    "10**10**10",
    "-9223372036854775808",
    "1e999",
    "'a' * 10**9",
    "'%d' % ()",
    "f'{f\"{self}\"!r:>{9**9}}'",
    "b'\\xff'",
    "'\\ud800'",
    "'\\x1b[31m\\u202e'",
    "'<script>`|::error::'",
    "range(10**12)",
    "[x for x in range(10**9)]",
    "lambda *a, **k: a",
    "(yield)",
    "(x := x)",
    "super()",
    "type('T', (), {})",
    "type(self)(self)",
    "self",
    "self.__dict__",
    "__name__",
    "Annotated[()]",
    "Annotated[int, Annotated]",
    "Optional[()]",
    "Union[()]",
    "Literal[()]",
    "list[list[list]]",
    "'Self | None'",
    "'List['",
    "dict[str, 'X']",
    "Depends()",
    "Depends(Depends)",
    "Depends(lambda: Depends())",
    "Query(...)",
    "Body(embed=...)",
    "Field(default_factory=Field)",
    "APIRouter(prefix=object())",
    "app.include_router(app)",
    "app.mount('/', app)",
    "globals()",
    "getattr(self, 'x' * 3)(self)",
    "functools.partial(functools.partial)",
    "relationship(lambda: relationship, back_populates=None)",
    "mapped_column(ForeignKey(mapped_column))",
    "select(select).join(select)",
    "re.match('(a*)*b', 'a' * 99999)",
    "__import__(__name__)",
    "*args",
    "**kwargs",
];

/// What belongs nowhere.
const TOKENS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "=",
    "@",
    "\\",
    "\"",
    "'''",
    "f\"{",
    "{!r:{",
    "\t",
    "\r",
    "\u{c}",
    "\0",
    "\u{1b}[2J",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{301}",
    "é",
    "ℌ",
    "\u{1f600}",
    "async ",
    "await ",
    "yield ",
    "del ",
    "global x\n",
    "nonlocal x\n",
    "match x:\n",
    "case _:\n",
    "type X = X\n",
    "def f[T: T = T](): ...\n",
    "class C[*Ts, **P](C): ...\n",
    "except* E:\n",
    "# noqa",
    "# fmt: off\n",
    "# architect: ignore[",
    "# type: ignore[",
    "# -*- coding: rot13 -*-\n",
    "from __future__ import annotations\n",
    "import *",
    "from . import *\n",
    "from .... import x\n",
];

/// A program and what it can be changed with.
struct Scene<'t> {
    text: &'t str,
    pieces: Pieces,
    others: &'t [&'t str],
}

impl Scene<'_> {
    /// A statement and the lines it stands on, where nothing else does.
    fn statement(&self, random: &mut Random) -> Option<Range<usize>> {
        random.pick(&self.pieces.statements).map(|range| lines_of(self.text, range))
    }

    fn expression(&self, random: &mut Random) -> Option<Range<usize>> {
        random.pick(&self.pieces.expressions).cloned()
    }

    /// A name that the program uses.
    fn name(&self, random: &mut Random) -> Option<&str> {
        let is_name = |range: &&Range<usize>| {
            let mut letters = self.text[range.start..range.end].chars();
            letters.all(|letter| letter == '_' || letter.is_alphanumeric())
        };
        let names: Vec<&Range<usize>> = self.pieces.expressions.iter().filter(is_name).collect();
        random.pick(&names).map(|range| &self.text[range.start..range.end])
    }

    fn replaced(&self, range: Range<usize>, new: &str) -> String {
        [&self.text[..range.start], new, &self.text[range.end..]].concat()
    }
}

/// A statement with its indentation and line end, unless something else stands on its lines.
fn lines_of(text: &str, range: &Range<usize>) -> Range<usize> {
    let line = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
    let start = if text[line..range.start].trim().is_empty() { line } else { range.start };
    let end = text[range.end..].find('\n').map_or(text.len(), |length| range.end + length + 1);
    let end = if text[range.end..end].trim().is_empty() { end } else { range.end };
    start..end
}

fn indentation(lines: &str) -> &str {
    &lines[..lines.len() - lines.trim_start_matches([' ', '\t']).len()]
}

/// The lines with the indentation of other lines.
fn indented(lines: &str, like: &str) -> String {
    let (old, new) = (indentation(lines), indentation(like));
    lines.split_inclusive('\n').map(|line| format!("{new}{}", line.strip_prefix(old).unwrap_or(line))).collect()
}

/// Both ranges exchanged; `None` where they overlap.
fn swapped(text: &str, one: Range<usize>, other: Range<usize>) -> Option<String> {
    let (first, second) = if one.start <= other.start { (one, other) } else { (other, one) };
    let between = text.get(first.end..second.start)?;
    let (before, after) = (&text[..first.start], &text[second.end..]);
    Some([before, &text[second], between, &text[first], after].concat())
}

fn swap_statements(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    swapped(scene.text, scene.statement(random)?, scene.statement(random)?)
}

fn repeat_statement(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let range = scene.statement(random)?;
    let times = if random.chance(10) { 300 } else { 2 };
    let lines = &scene.text[range.clone()];
    (lines.len() * times < LARGEST).then(|| scene.replaced(range, &lines.repeat(times)))
}

fn delete_statement(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let range = scene.statement(random)?;
    let instead =
        if random.chance(50) { format!("{}pass\n", indentation(&scene.text[range.clone()])) } else { String::new() };
    Some(scene.replaced(range, &instead))
}

/// A statement goes to where another one begins, in its indentation.
fn move_statement(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let (from, to) = (scene.statement(random)?, scene.statement(random)?);
    let moved = indented(&scene.text[from.clone()], &scene.text[to.clone()]);
    if to.start < from.start {
        let without = scene.replaced(from, "");
        Some([&without[..to.start], &moved, &without[to.start..]].concat())
    } else {
        Some([&scene.text[..from.start], scene.text.get(from.end..to.start)?, &moved, &scene.text[to.start..]].concat())
    }
}

fn statement_of_other(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let other = random.pick(scene.others)?;
    let taken = lines_of(other, random.pick(&pieces(other).statements)?);
    let place = scene.statement(random)?;
    let lines = indented(&other[taken], &scene.text[place.clone()]);
    let place = if random.chance(50) { place } else { place.start..place.start };
    Some(scene.replaced(place, &lines))
}

fn swap_expressions(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    swapped(scene.text, scene.expression(random)?, scene.expression(random)?)
}

fn expression_of_other(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let other = random.pick(scene.others)?;
    let taken = random.pick(&pieces(other).expressions)?.clone();
    Some(scene.replaced(scene.expression(random)?, &other[taken]))
}

fn odd_expression(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    Some(scene.replaced(scene.expression(random)?, random.pick(EXPRESSIONS)?))
}

/// One name becomes another, everywhere.
fn rename(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let (old, new) = (scene.name(random)?, scene.name(random)?);
    let new = if random.chance(10) { "self" } else { new };
    let is_part = |letter: char| letter == '_' || letter.is_alphanumeric();
    let mut out = String::with_capacity(scene.text.len());
    let mut rest = scene.text;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|letter| !is_part(letter)).map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        out.push_str(if &rest[start..end] == old { new } else { &rest[start..end] });
        rest = &rest[end..];
    }
    Some(out + rest)
}

/// The definitions of the program: where each stands, and its first line.
fn definitions<'t>(scene: &'t Scene<'_>, words: &[&str]) -> Vec<(Range<usize>, &'t str)> {
    let whole = scene.pieces.statements.iter().map(|range| lines_of(scene.text, range));
    let lines = whole.map(|range| (range.clone(), scene.text[range].lines().next().unwrap_or_default()));
    lines.filter(|(_, line)| words.iter().any(|word| line.trim_start().starts_with(word))).collect()
}

fn defined_name(line: &str) -> Option<&str> {
    let name = line.split("def ").nth(1).or_else(|| line.split("class ").nth(1))?;
    Some(&name[..name.find(|letter: char| letter != '_' && !letter.is_alphanumeric())?])
}

/// A definition gets something of the program, or itself, as a decorator.
fn decorate(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let found = definitions(scene, &["def ", "async def ", "class "]);
    let (range, line) = random.pick(&found)?;
    let decorator = match random.below(4) {
        0 => defined_name(line)?.to_owned(),
        1 => scene.name(random)?.to_owned(),
        2 => {
            let call = scene.expression(random)?;
            scene.text[call].replace('\n', " ")
        }
        _ => {
            (*random.pick(&["property", "staticmethod", "classmethod", "dataclass", "functools.cache", "overload"])?)
                .to_owned()
        }
    };
    Some(scene.replaced(range.start..range.start, &format!("{}@{decorator}\n", indentation(line))))
}

fn decorate_in_circles(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let found = definitions(scene, &["def ", "async def ", "class "]);
    let (range, line) = random.pick(&found)?;
    let space = indentation(line);
    let circle = format!(
        "{space}def again(function=None, *more):\n{space}    return again(again(function))(again) if more else again\n\
         {space}@again\n{space}@again(again)\n"
    );
    Some(scene.replaced(range.start..range.start, &circle))
}

fn derive_in_circles(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let found = definitions(scene, &["class "]);
    let ((_, line), (other, _)) = (random.pick(&found)?, random.pick(&found)?);
    let name = defined_name(line)?;
    let text = &scene.text[other.clone()];
    let open = text.find('(')?;
    Some(scene.replaced(other.start + open + 1..other.start + open + 1, &format!("{name}, {name}[{name}], ")))
}

fn nest_expression(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    const NESTS: &[(&str, &str)] = &[
        ("(", ")"),
        ("[", "]"),
        ("{1: ", "}"),
        ("f(", ")"),
        ("not ", ""),
        ("-", ""),
        ("lambda: ", ""),
        ("1 if 1 else ", ""),
        ("Optional[", "]"),
        ("", ".a"),
        ("", "()"),
        ("", "[0]"),
        ("await ", ""),
        ("[x for x in ", "]"),
        ("Depends(", ")"),
    ];
    let (before, after) = random.pick(NESTS)?;
    let range = scene.expression(random)?;
    let times = *random.pick(&[3, 30, 150, 1_000, 10_000])?;
    let inner = &scene.text[range.clone()];
    let new = [&before.repeat(times), inner, &after.repeat(times)].concat();
    Some(scene.replaced(range, &new))
}

fn nest_statement(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    const HEADS: &[&str] =
        &["if x:", "def f():", "class C:", "for x in y:", "while True:", "with x as y:", "async def f(x):", "if self:"];
    let head = random.pick(HEADS)?;
    let range = scene.statement(random)?;
    let lines = &scene.text[range.clone()];
    let base = indentation(lines);
    let times = *random.pick(&[1, 2, 10, 90, 300])?;
    if lines.lines().count() * times * times > LARGEST / 4 {
        return None;
    }
    let heads: String = (0..times).map(|level| format!("{base}{}{head}\n", " ".repeat(level))).collect();
    let inner: String = lines.split_inclusive('\n').map(|line| format!("{}{line}", " ".repeat(times))).collect();
    Some(scene.replaced(range, &(heads + &inner)))
}

fn chain_expression(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let range = scene.expression(random)?;
    let inner = &scene.text[range.clone()];
    let between = random.pick(&[" + ", " or ", " | ", ", ", " == ", ".", " if x else ", " % "])?;
    let times = *random.pick(&[2, 20, 500, 5_000])?;
    if inner.len() * times > LARGEST {
        return None;
    }
    Some(scene.replaced(range.clone(), &format!("({})", vec![inner; times].join(between))))
}

fn keyword(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    const PAIRS: &[(&str, &str)] = &[
        ("async def ", "def "),
        ("def ", "async def "),
        ("await ", ""),
        ("return ", "yield "),
        ("return ", "raise "),
        ("yield ", "return "),
        ("return", "continue"),
        ("import ", "import typing as "),
        ("class ", "def "),
        ("if ", "while "),
        ("for ", "async for "),
        ("with ", "async with "),
        ("self.", "self.self."),
        ("except ", "except* "),
        ("router", "app"),
        ("get(", "api_route("),
        ("=", ":="),
        ("None", "self"),
        ("from .", "from .."),
    ];
    let (old, new) = random.pick(PAIRS)?;
    let found: Vec<usize> = scene.text.match_indices(old).map(|(at, _)| at).collect();
    let at = *random.pick(&found)?;
    Some(scene.replaced(at..at + old.len(), new))
}

fn indent(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let range = scene.statement(random)?;
    let lines = &scene.text[range.clone()];
    let new: String = match random.below(3) {
        0 => lines.split_inclusive('\n').map(|line| format!("    {line}")).collect(),
        1 => lines.split_inclusive('\n').map(|line| line.strip_prefix("    ").unwrap_or(line)).collect(),
        _ => lines.replacen("    ", "\t", 1),
    };
    Some(scene.replaced(range, &new))
}

/// A place in the text that is no part of a letter.
fn place(text: &str, random: &mut Random) -> usize {
    text.floor_char_boundary(random.below(text.len() + 1))
}

fn cut(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    // Mostly near the end: what is cut early says little.
    let at = place(scene.text, random).max(place(scene.text, random));
    Some(scene.text[..at].to_owned())
}

fn odd_token(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let at = match random.below(3) {
        0 => scene.expression(random)?.start,
        1 => scene.statement(random)?.start,
        _ => place(scene.text, random),
    };
    Some(scene.replaced(at..at, random.pick(TOKENS)?))
}

fn line_ends(scene: &Scene<'_>, random: &mut Random) -> Option<String> {
    let end = random.pick(&["\r\n", "\r", "\n\n", "\\\n", "\u{c}\n", ";\n"])?;
    if random.chance(50) {
        return Some(scene.text.replace('\n', end));
    }
    let range = scene.statement(random)?;
    let lines = scene.text[range.clone()].replace('\n', end);
    Some(scene.replaced(range, &lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str =
        "import os\n\n\nclass A(Base):\n    x: int = f(1)\n\n    def g(self):\n        return self.x\n";

    fn scene(text: &str) -> Scene<'_> {
        Scene { text, pieces: pieces(text), others: &["y = [2, 3]\n"] }
    }

    #[test]
    fn every_change_is_possible() {
        for (at, change) in CHANGES.iter().enumerate() {
            let makes = |seed| change(&scene(PROGRAM), &mut Random::new(seed)).is_some_and(|new| new != PROGRAM);
            assert!((0..200).any(makes), "change {at}");
        }
    }

    #[test]
    fn a_seed_makes_one_program() {
        let once = |seed| changed(PROGRAM, &["y = 2\n"], &mut Random::new(seed));
        assert!((0..100).all(|seed| once(seed) == once(seed)));
    }

    #[test]
    fn statements_are_whole_lines_in_the_indentation_of_their_place() {
        let text = "a\nif b:\n    c; d\n";
        let cut: Vec<&str> = pieces(text).statements.iter().map(|range| &text[lines_of(text, range)]).collect();
        assert_eq!(cut, ["a\n", "if b:\n    c; d\n", "    c", "d\n"]);
        assert_eq!(indented("  a:\n    b\n", "    c"), "    a:\n      b\n");
    }

    #[test]
    fn what_overlaps_is_not_swapped() {
        assert_eq!(swapped("a b", 0..1, 2..3).as_deref(), Some("b a"));
        assert_eq!(swapped("abc", 0..2, 1..3), None);
    }
}
