//! Rows that are loaded for what the database could compute of them.

use std::rc::Rc;

use architect_python::flow::{Frame, V, Val};
use architect_python::{ObjectId, Site, Sym};

use super::books::{Flow, record, row};
use super::results::{is_all_of_it, scalar_of};
use super::things::{Effect, Limit, Statement, StatementKind};
use crate::requests::Amount;

/// Notes how many rows a statement may give; nothing for those that give few, or where several statements that are
/// executed in one place say different things.
pub(super) fn note_amount(m: &mut Flow<'_, '_>, statement: &Statement, site: Site) {
    let few = statement.kind != StatementKind::Select
        || statement.limit != Limit::None
        || statement.unique
        || statement.listed
        || statement.grouped
        || statement.distinct
        || statement.locked
        || statement.streamed;
    let amount = (!few).then_some(match (statement.parent, statement.doubtful) {
        (true, _) => Amount::OfParent,
        (false, true) => Amount::Doubtful,
        (false, false) => Amount::Any,
    });
    let known = m.lib.amounts.entry(site).or_insert(amount);
    *known = known.zip(amount).map(|(one, other)| one.max(other));
}

/// A list is gone through, or cut.
pub(super) fn walked(m: &mut Flow<'_, '_>, f: &mut Frame, list: Val, elem: Val, site: Site) {
    let made = match m.v(list) {
        V::Coll { site, .. } => *site,
        _ => None,
    };
    let converted = made.and_then(|made| m.lib.converted.get(&made).copied());
    let found = row(m, scalar_of(m, elem)).and_then(|(class, info, _)| Some((class, info.query?)));
    let (Some((class, query)), 0) = (converted.or(found), m.lib.serialising) else { return };
    let of_attribute = match m.v(list) {
        V::Lib(..) => false,
        _ if converted.is_some() => false,
        V::Coll { site: Some(made), .. } if is_all_of_it(m, *made) => false,
        // Read here for the first time.
        V::Coll { site: Some(made), .. } if *made == site => true,
        _ => return,
    };
    if !of_attribute {
        note_conversion(m, class, query, site);
    }
    let known = match m.lib.reductions.get(&site) {
        Some(known) => known.clone(),
        None => {
            let found = m.ev.program.module(site.module).reduces(site.range).map(Rc::new);
            m.lib.reductions.insert(site, found.clone());
            found
        }
    };
    let Some(found) = known.filter(|found| found.of_attribute == of_attribute) else { return };
    let amount = if of_attribute { Some(Amount::Collection) } else { m.lib.amounts.get(&query).copied().flatten() };
    let Some(amount) = amount else { return };
    let mut attributes: Vec<Sym> = Vec::new();
    for name in &found.attributes {
        let name = m.sym(name);
        if !m.lib.mappers.column(class, name).is_some_and(|facts| facts.plain) {
            return;
        }
        attributes.push(name);
    }
    for name in &found.measured {
        let name = m.sym(name);
        if !m.lib.mappers.relation(class, name).is_some_and(|relation| relation.uselist) {
            return;
        }
        attributes.push(name);
    }
    let open = found.looked_up || found.shared;
    let query = if of_attribute { site } else { query };
    record(m, f, Effect::Reduced { class, query, how: found.how, attributes, amount, open }, site);
}

/// Notes the list that is made of all rows of a statement, one for each.
fn note_conversion(m: &mut Flow<'_, '_>, class: ObjectId, query: Site, site: Site) {
    let made = match m.lib.conversions.get(&site) {
        Some(known) => *known,
        None => {
            let range = m.ev.program.module(site.module).converts(site.range);
            let made = range.map(|range| Site { range, ..site });
            m.lib.conversions.insert(site, made);
            made
        }
    };
    if let Some(made) = made {
        m.lib.converted.insert(made, (class, query));
    }
}
