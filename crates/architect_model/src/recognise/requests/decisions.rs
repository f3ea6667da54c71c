//! What Python decides where the database is meant to: `and`, `or`, `not`, `is`, `in` and chains of comparisons on columns
//! and conditions. Most of it is fine (`if column is not None`); what becomes part of a statement is not.

use architect_python::Site;
use architect_python::flow::{Decides, Frame, V, Val};
use architect_source::Edit;

use super::books::{Books, Flow, record, thing};
use super::expressions::{expression, facts};
use super::things::{Decision, Effect, Expression, Thing, Truth};
use crate::requests::{Becomes, ColumnTest};

/// Values within values at most.
const DEPTH: u32 = 4;

/// What Python says to something of SQL; nothing where it is something else.
fn truth(m: &Flow<'_, '_>, val: Val) -> Option<Truth> {
    match thing(m, val)?.0 {
        // An attribute of a class is no clause: it is like any object.
        Thing::Column { .. } | Thing::Attribute { .. } => Some(Truth::Known(true)),
        Thing::Expression(found) => Some(found.truth),
        Thing::Function { .. } => Some(Truth::Raises),
        _ => None,
    }
}

/// See [`architect_python::flow::Library::decide`].
pub(super) fn decide(
    m: &mut Flow<'_, '_>,
    f: &mut Frame,
    how: Decides,
    operands: &[(Val, Site)],
    value: Val,
    site: Site,
) -> Val {
    let mut truths: Vec<Option<Truth>> = operands.iter().map(|(operand, _)| truth(m, *operand)).collect();
    // The last operand of `and` is not asked, nor is the last comparison of a chain.
    let asked = match how {
        Decides::And | Decides::Or | Decides::Chain => &truths[..truths.len().saturating_sub(1)],
        Decides::Not | Decides::In | Decides::NotIn => &truths[..],
        Decides::Is | Decides::IsNot => &truths[..1],
    };
    if asked.iter().all(Option::is_none) {
        return value;
    }
    // Which column, or which condition, a variable holds, and whether it holds one, is a question for Python.
    if matches!(how, Decides::Is | Decides::IsNot | Decides::In | Decides::NotIn) {
        let is_spelled = |at: usize| truths[at].is_some() && text_of(m, operands[at].1).contains('.');
        if !(is_spelled(0) || matches!(how, Decides::In | Decides::NotIn) && is_spelled(1)) {
            return value;
        }
    }
    // A query cannot be asked what it holds.
    if let (Decides::In | Decides::NotIn, [_, right @ None]) = (how, &mut truths[..])
        && matches!(thing(m, operands[1].0), Some((Thing::Statement(_), _)))
    {
        *right = Some(Truth::Raises);
    }
    let inner: Vec<u32> = operands.iter().filter_map(|(operand, _)| facts(m, *operand)?.decided).collect();
    let decision = Decision { how, site, operands: operands.iter().map(|(_, site)| *site).collect(), truths, inner };
    let truth = match becomes(m, &decision) {
        Becomes::Always(known) => Truth::Known(known),
        Becomes::Raises => Truth::Raises,
        Becomes::First => decision.truths.first().copied().flatten().unwrap_or_default(),
        Becomes::Last => decision.truths.last().copied().flatten().unwrap_or_default(),
        Becomes::Unclear => Truth::Unknown,
    };
    let id = u32::try_from(m.lib.decisions.insert_full(decision).0).unwrap_or(0);
    record(m, f, Effect::Decided { decision: id }, site);
    let found = facts(m, value).unwrap_or(Expression { any: true, ..Expression::default() });
    expression(m, Expression { truth, decided: Some(id), ..found })
}

/// A value becomes a condition of a statement, or a part of one.
pub(super) fn reaches(m: &mut Flow<'_, '_>, val: Val) {
    if m.lib.decisions.is_empty() {
        return;
    }
    let mut work = vec![(val, 0)];
    while let Some((val, depth)) = work.pop() {
        match m.v(val) {
            V::Lib(..) => {
                if let Some(id) = facts(m, val).and_then(|found| found.decided) {
                    mark(&mut m.lib, id);
                }
            }
            V::Union(parts) | V::Seq { items: parts, .. } if depth < DEPTH => {
                work.extend(parts.iter().map(|part| (*part, depth + 1)));
            }
            V::Coll { elem, .. } if depth < DEPTH => work.push((*elem, depth + 1)),
            _ => {}
        }
    }
}

fn mark(books: &mut Books, id: u32) {
    if books.in_statements.insert(id)
        && let Some(decision) = books.decisions.get_index(id as usize)
    {
        let inner = decision.inner.clone();
        inner.into_iter().for_each(|id| mark(books, id));
    }
}

/// What is left of it in the statement.
fn becomes(m: &Flow<'_, '_>, decision: &Decision) -> Becomes {
    let first = decision.truths.first().copied().flatten().unwrap_or_default();
    match decision.how {
        Decides::Is => Becomes::Always(false),
        Decides::IsNot => Becomes::Always(true),
        // `in` asks what is on its right: a column, or an expression, cannot be asked.
        Decides::In | Decides::NotIn if decision.truths.get(1).is_some_and(Option::is_some) => Becomes::Raises,
        Decides::In | Decides::NotIn => Becomes::Always(decision.how == Decides::NotIn),
        Decides::Not => match first {
            Truth::Known(known) => Becomes::Always(!known),
            Truth::Raises => Becomes::Raises,
            Truth::Unknown => Becomes::Unclear,
        },
        Decides::And | Decides::Or => {
            let ends = decision.how == Decides::Or;
            let last = decision.truths.len() - 1;
            for (at, truth) in decision.truths[..last].iter().enumerate() {
                match truth {
                    Some(Truth::Known(known)) if *known == ends => {
                        return if at == 0 { Becomes::First } else { Becomes::Unclear };
                    }
                    Some(Truth::Known(_)) => {}
                    Some(Truth::Raises) => return Becomes::Raises,
                    Some(Truth::Unknown) | None => return Becomes::Unclear,
                }
            }
            Becomes::Last
        }
        Decides::Chain => {
            let text = text_of(m, decision.site);
            if text.contains("==") || text.contains("!=") { Becomes::Unclear } else { Becomes::Raises }
        }
    }
}

fn text_of<'t>(m: &'t Flow<'_, '_>, site: Site) -> &'t str {
    m.ev.program.module(site.module).source(site.range).unwrap_or_default()
}

/// A decision as a fact; nothing where it never becomes part of a statement.
pub(super) fn fact(m: &Flow<'_, '_>, id: u32) -> Option<ColumnTest> {
    if !m.lib.in_statements.contains(&id) {
        return None;
    }
    let decision = m.lib.decisions.get_index(id as usize)?;
    let edits = edits(m, decision).unwrap_or_default();
    Some(ColumnTest { by: decision.how, becomes: becomes(m, decision), edits })
}

/// Edits that let the database decide; nothing where that takes more than other operators.
fn edits(m: &Flow<'_, '_>, decision: &Decision) -> Option<Vec<Edit>> {
    let module = m.ev.program.module(decision.site.module);
    let (start, end) = (u32::from(decision.site.range.start()), u32::from(decision.site.range.end()));
    let between = |from: u32, to: u32| module.text.get(from as usize..to as usize);
    let places: Vec<(u32, u32)> =
        decision.operands.iter().map(|site| (u32::from(site.range.start()), u32::from(site.range.end()))).collect();
    let edit =
        |start: u32, end: u32, content: String| Edit { path: std::sync::Arc::clone(&module.path), start, end, content };
    let (first, second) = (*places.first()?, places.get(1).copied());
    let left = between(first.0, first.1)?;
    let left = if is_simple(left) { left.to_owned() } else { format!("({left})") };
    let all_sql = decision.truths.iter().all(Option::is_some);
    match decision.how {
        Decides::And | Decides::Or if all_sql => {
            let (word, sign) = if decision.how == Decides::And { ("and", "&") } else { ("or", "|") };
            let mut out = Vec::new();
            for (at, (from, to)) in places.iter().copied().enumerate() {
                let before = between(0, from)?.trim_end().ends_with('(');
                let after = between(to, u32::try_from(module.text.len()).ok()?)?.trim_start().starts_with(')');
                if !(before && after || is_simple(between(from, to)?)) {
                    out.push(edit(from, from, "(".to_owned()));
                    out.push(edit(to, to, ")".to_owned()));
                }
                if let Some((next, _)) = places.get(at + 1) {
                    let gap = between(to, *next)?;
                    let offset = u32::try_from(gap.find(word)?).ok()?;
                    if gap.contains('#') {
                        return None;
                    }
                    let length = u32::try_from(word.len()).ok()?;
                    out.push(edit(to + offset, to + offset + length, sign.to_owned()));
                }
            }
            Some(out)
        }
        Decides::Not => {
            let gap = between(start, first.0)?;
            if gap.trim() == "not" {
                return Some(vec![edit(start, first.1, format!("~{left}"))]);
            }
            let rest = gap.strip_prefix("not")?.trim_start();
            (rest == "(").then(|| vec![edit(start, first.0, "~(".to_owned())])
        }
        Decides::Is | Decides::IsNot => {
            let (from, to) = second?;
            let right = between(from, to)?;
            let plain = matches!(right, "None" | "True" | "False") && is_word(between(first.1, from)?, "is");
            let method = if decision.how == Decides::Is { "is_" } else { "is_not" };
            plain.then(|| vec![edit(start, end, format!("{left}.{method}({right})"))])
        }
        Decides::In | Decides::NotIn if matches!(decision.truths.get(1), Some(None | Some(Truth::Raises))) => {
            let (from, to) = second?;
            let right = between(from, to)?;
            let gap = between(first.1, from)?;
            let plain = !gap.contains(['(', '#']) && end == to;
            let method = if decision.how == Decides::In { "in_" } else { "not_in" };
            plain.then(|| vec![edit(start, end, format!("{left}.{method}({right})"))])
        }
        Decides::Chain if places.len() == 3 => {
            let ((a, b), (c, d)) = (second?, places[2]);
            let middle = between(a, b)?;
            let (one, two) = (between(first.1, a)?.trim(), between(b, c)?.trim());
            let is_sign = |text: &str| matches!(text, "<" | "<=" | ">" | ">=" | "==" | "!=");
            let plain = is_simple(middle) && is_sign(one) && is_sign(two);
            let right = between(c, d)?;
            plain.then(|| vec![edit(start, end, format!("({left} {one} {middle}) & ({middle} {two} {right})"))])
        }
        _ => None,
    }
}

/// Whether what stands between two operands is an operator, behind what closes the first one.
fn is_word(gap: &str, word: &str) -> bool {
    gap.trim_start_matches(|letter: char| letter == ')' || letter.is_whitespace()).starts_with(word)
}

/// Whether a text is a name, an attribute or a call of one: no operator binds tighter than what is put behind it.
fn is_simple(text: &str) -> bool {
    let mut depth = 0_u32;
    text.chars().all(|letter| match letter {
        '(' | '[' => {
            depth += 1;
            true
        }
        ')' | ']' => {
            depth = depth.saturating_sub(1);
            true
        }
        _ => depth > 0 || letter.is_alphanumeric() || matches!(letter, '_' | '.'),
    }) && !text.starts_with('(')
}
