//! Rows that are looked for and used as if they were there.

use architect_python::flow::{Frame, SummaryId, Val};
use architect_python::{ModuleKind, ObjectId, Site, Sym, Value};

use super::books::{Flow, record};
use super::facts::Collector;
use super::results::query_of;
use super::things::Effect;
use crate::requests::{EntryKind, MissingFact, Step};

/// One row or `None`, as `first()` gives it.
pub(super) fn row_or_none(m: &mut Flow<'_, '_>, f: &mut Frame, row: Val, site: Site) -> Val {
    let value = m.union(vec![row, Val::NONE]);
    m.looked_up(f, value, site);
    value
}

/// What makes or checks an instance of a model as a whole.
const WHOLE: [&str; 5] = ["model_validator(", "root_validator", "model_post_init", "__init__", "__post_init__"];

/// Whether a model of Pydantic looks at itself: it may ask for what a field alone may leave out.
pub(super) fn asks_itself(m: &mut Flow<'_, '_>, class: ObjectId) -> bool {
    if let Some(known) = m.lib.asking.get(&class) {
        return *known;
    }
    let words = WHOLE.into_iter().chain(["validator(", "Validator("]);
    let asks = says(m, class, &|text| words.clone().any(|word| text.contains(word)));
    m.lib.asking.insert(class, asks);
    asks
}

/// Whether a model may give a field something that was not given: it is made or checked as a whole, or a validator names
/// the field.
pub(super) fn may_fill(m: &Flow<'_, '_>, class: ObjectId, field: &str) -> bool {
    let named = [format!("\"{field}\""), format!("'{field}'")];
    says(m, class, &|text| {
        WHOLE.iter().any(|word| text.contains(word))
            || text.contains("alidator(") && named.iter().any(|name| text.contains(name))
    })
}

/// Whether the text of a class of the program, or of one it derives from, says something.
fn says(m: &Flow<'_, '_>, class: ObjectId, what: &dyn Fn(&str) -> bool) -> bool {
    let Some(own) = m.ev.class(Value::Obj(class)) else { return true };
    own.mro.iter().filter_map(|parent| m.ev.class(Value::Obj(*parent))?.site).any(|site| {
        let module = m.ev.program.module(site.module);
        module.kind != ModuleKind::Model && module.source(site.range).is_some_and(what)
    })
}

/// The one row that a statement has to give, as `one()` does: it raises where a row that is looked up is not there.
pub(super) fn row_or_raise(m: &mut Flow<'_, '_>, f: &mut Frame, found: Val, site: Site) -> Val {
    let query = query_of(m, found);
    if query.is_some_and(|query| m.lib.lookups.get(&query).is_some_and(|names| !names.is_empty())) {
        record(m, f, Effect::Missing { attribute: None, raises: true, lookup: site }, site);
    }
    found
}

impl Collector<'_, '_, '_> {
    /// What an endpoint uses as if it were there.
    pub(super) fn note_missing(
        &mut self,
        id: SummaryId,
        (attribute, raises): (Option<Sym>, bool),
        lookup: Site,
        site: Site,
        aside: bool,
    ) {
        let is_endpoint = self.out.entries.get(self.entry).is_some_and(|entry| entry.kind == EntryKind::Endpoint);
        // What is returned matters where the endpoint itself returns it.
        let m = self.m;
        let is_named = |(id, _): &&(SummaryId, Site)| !m.name(m.summary(*id).qualname).is_empty();
        let deep = self.path.iter().filter(is_named).count() > 1;
        if !is_endpoint || attribute.is_none() && !raises && deep {
            return;
        }
        let field = m.sent_field(lookup);
        if field.is_some() && attribute.is_none() {
            return;
        }
        self.path.push((id, site));
        let way = self.path.iter().filter(is_named).map(|(id, site)| {
            let summary = m.summary(*id);
            let function = format!("{}:{}", m.ev.program.module(summary.module).name, m.name(summary.qualname));
            Step { function, location: self.location(*site) }
        });
        let fact = MissingFact {
            field: field
                .and_then(|(class, name)| Some((m.ev.qualified_name(Value::Obj(class))?, m.name(name).to_owned()))),
            attribute: attribute.map(|name| m.name(name).to_owned()),
            raises,
            lookup: self.location(lookup),
            location: self.location(site),
            entry: self.entry,
            way: way.collect(),
            aside,
        };
        self.path.pop();
        self.out.missing.push(fact);
    }
}
