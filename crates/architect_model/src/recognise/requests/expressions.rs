//! Expressions of SQL: columns, and what operators and methods make of them.

use architect_python::flow::{V, Val};
use architect_python::{ObjectId, Sym};

use super::books::{Flow, make, thing};
use super::things::{Expression, Thing, Truth};

pub(super) fn expression(m: &mut Flow<'_, '_>, found: Expression) -> Val {
    make(m, Thing::Expression(found), Box::default())
}

/// The columns of two conditions that both hold.
pub(super) fn both(
    mut mine: [Option<(ObjectId, Sym)>; 4],
    theirs: [Option<(ObjectId, Sym)>; 4],
) -> [Option<(ObjectId, Sym)>; 4] {
    for column in theirs.into_iter().flatten() {
        if let Some(free) = mine.iter_mut().find(|one| one.is_none()) {
            *free = Some(column);
        }
    }
    mine
}

pub(super) fn column_method(m: &mut Flow<'_, '_>, class: ObjectId, column: Sym, name: &str) -> Val {
    let found = match name {
        // A list of keys bounds the rows; a list of states does not.
        "in_" => {
            let listed = m.lib.mappers.column(class, column).is_none_or(|facts| facts.identifies || facts.bounds())
                || names_one(m.name(column));
            Expression { any: true, listed, truth: Truth::Raises, ..Expression::default() }
        }
        "between" => {
            let window = m.lib.mappers.column(class, column).is_some_and(|facts| facts.temporal);
            Expression { any: true, window, truth: Truth::Raises, ..Expression::default() }
        }
        "is_" | "is_not" | "isnot" | "like" | "ilike" | "contains" | "startswith" | "endswith" | "notin_"
        | "not_in" | "is_distinct_from" | "op" | "any" | "has" | "match" => {
            let compares = !matches!(name, "op" | "match");
            Expression { any: true, compares, truth: Truth::Raises, ..Expression::default() }
        }
        _ => return make(m, Thing::Column { class, name: column }, Box::default()),
    };
    expression(m, found)
}

/// Whether a column is named after what tells one row from others, whether it is declared unique or not.
fn names_one(name: &str) -> bool {
    matches!(name, "email" | "username" | "login" | "slug" | "uuid" | "guid" | "phone" | "external_id")
        || names_credential(name)
}

impl Expression {
    /// Whether it may ask for one row by what is unique.
    pub fn names_one(self) -> bool {
        self.unique || self.identifies.is_some() || self.maybe_one
    }

    /// Whether there are as many rows at most as a caller names.
    pub fn bounds(self) -> bool {
        self.listed || !self.either && (self.unique || self.identifies.is_some())
    }
}

pub(super) fn facts(m: &Flow<'_, '_>, val: Val) -> Option<Expression> {
    match thing(m, val) {
        Some((Thing::Expression(found), _)) => Some(found),
        Some((Thing::Column { .. } | Thing::Attribute { .. }, _)) => {
            Some(Expression { any: true, ..Expression::default() })
        }
        Some((Thing::Function { aggregate }, _)) => Some(Expression { aggregate, any: true, ..Expression::default() }),
        _ => None,
    }
}

pub(super) fn operator(m: &mut Flow<'_, '_>, op: &str, left: Val, right: Val) -> Option<Val> {
    let (l, r) = (thing(m, left), thing(m, right));
    // One row more than callers ask for tells whether there is another page.
    if let (Some((Thing::Number(_), _)), "+", V::Int(_)) = (&l, op, m.v(right)) {
        return Some(left);
    }
    let is_sql = |thing: &Option<(Thing, super::things::Parts)>| {
        matches!(
            thing,
            Some((Thing::Column { .. } | Thing::Expression(_) | Thing::Attribute { .. } | Thing::Function { .. }, _))
        )
    };
    if !is_sql(&l) && !is_sql(&r) {
        return None;
    }
    match op {
        "==" => {
            let (column, other) = if matches!(l, Some((Thing::Column { .. } | Thing::Attribute { .. }, _))) {
                (&l, &r)
            } else {
                (&r, &l)
            };
            // Python compares what both sides are by their identity; with `None` it is another operator.
            let truth = if right == Val::NONE { Truth::Raises } else { Truth::Known(false) };
            let mut found = Expression { any: true, compares: true, truth, ..Expression::default() };
            let joins = is_sql(other);
            match column {
                Some((Thing::Column { class, name }, _)) if !joins => {
                    if let Some(facts) = m.lib.mappers.column(*class, *name) {
                        found.unique = (facts.primary_key || facts.unique) && right != Val::NONE;
                        found.identifies = (facts.identifies && right != Val::NONE).then_some((*class, *name));
                        found.equals[0] = (right != Val::NONE).then_some((*class, *name));
                        found.of_root = (facts.of_root && right != Val::NONE).then_some(*class);
                        found.parent = (facts.bounds() && right != Val::NONE).then_some(*class);
                        // What is of one day.
                        found.window = facts.temporal && right != Val::NONE;
                        // One of them has it, whether the column says so or not.
                        found.doubtful = names_credential(m.name(*name));
                    }
                }
                Some((Thing::Attribute { class, .. }, _)) => found.parent = (right != Val::NONE).then_some(*class),
                _ => {}
            }
            Some(expression(m, found))
        }
        "&" | "and" => {
            if op == "&" {
                [left, right].into_iter().for_each(|part| super::decisions::reaches(m, part));
            }
            let (a, b) = (facts(m, left).unwrap_or_default(), facts(m, right).unwrap_or_default());
            Some(expression(
                m,
                Expression {
                    unique: a.unique || b.unique,
                    identifies: a.identifies.or(b.identifies),
                    equals: both(a.equals, b.equals),
                    parent: a.parent.or(b.parent),
                    of_root: a.of_root.filter(|root| b.of_root == Some(*root)),
                    listed: a.listed || b.listed,
                    window: a.window || b.window,
                    doubtful: a.doubtful || b.doubtful || [left, right].contains(&Val::UNKNOWN),
                    any: true,
                    compares: true,
                    either: a.either && b.either,
                    maybe_one: a.maybe_one || b.maybe_one,
                    aggregate: false,
                    truth: if is_sql(&l) && is_sql(&r) { Truth::Raises } else { Truth::Unknown },
                    decided: None,
                },
            ))
        }
        "|" | "or" => {
            if op == "|" {
                [left, right].into_iter().for_each(|part| super::decisions::reaches(m, part));
            }
            let truth = if is_sql(&l) && is_sql(&r) { Truth::Raises } else { Truth::Unknown };
            let listed = [left, right].iter().all(|part| facts(m, *part).is_some_and(Expression::bounds));
            let maybe_one = [left, right].iter().any(|part| facts(m, *part).is_some_and(Expression::names_one));
            Some(expression(
                m,
                Expression {
                    any: true,
                    compares: true,
                    either: true,
                    maybe_one,
                    listed,
                    truth,
                    ..Expression::default()
                },
            ))
        }
        "is" | "is not" | "in" | "not in" => None,
        "min" => None,
        ">" | ">=" | "<" | "<=" => {
            // What is later than something: the rows since then.
            let later = if op.starts_with('>') { &l } else { &r };
            let window = match later {
                Some((Thing::Column { class, name }, _)) => {
                    m.lib.mappers.column(*class, *name).is_some_and(|facts| facts.temporal)
                }
                _ => false,
            };
            Some(expression(
                m,
                Expression { any: true, compares: true, window, truth: Truth::Raises, ..Expression::default() },
            ))
        }
        "!=" => {
            let truth = if right == Val::NONE { Truth::Raises } else { Truth::Known(true) };
            Some(expression(m, Expression { any: true, compares: true, truth, ..Expression::default() }))
        }
        _ => {
            if op == "~" {
                super::decisions::reaches(m, left);
            }
            let aggregate = facts(m, left).is_some_and(|facts| facts.aggregate);
            Some(expression(m, Expression { any: true, aggregate, truth: Truth::Raises, ..Expression::default() }))
        }
    }
}

/// Whether a column holds what only one object has: a token, a key.
fn names_credential(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or(name);
    matches!(last, "token" | "secret" | "hash" | "digest" | "fingerprint") || name.ends_with("api_key")
}
