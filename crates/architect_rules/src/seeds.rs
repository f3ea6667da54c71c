//! Tables whose rows nobody adds while the service runs: what comes with an installation, and stays as small.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::requests::EntryKind;
use architect_model::tables::Mapper;
use architect_source::Location;

use crate::effects::added;
use crate::requests::words;
use crate::text::last;

/// A service that is not seen to add rows of more classes than this is not known well enough.
const FEWEST: usize = 3;

/// Words in the path of code that fills a database before anyone uses it.
const FILLS: &[&str] =
    &["seed", "seeds", "seeder", "seeders", "fixture", "fixtures", "migration", "migrations", "init", "populate"];

/// The names of tables that are mapped and of which nothing is seen to add rows.
pub(crate) fn seeds(service: &Service) -> BTreeSet<String> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for fact in service.requests.effects.iter().filter(|fact| !fills(&fact.location)) {
        let entry = service.requests.entries.get(fact.entry);
        if entry.is_none_or(|entry| entry.kind == EntryKind::Startup || fills(&entry.location)) {
            continue;
        }
        known.extend(added(fact));
    }
    // What walks do not come to is made by its name.
    for function in service.code.functions.iter().filter(|one| !one.aside && !fills(&one.location)) {
        known.extend(function.calls.iter().map(|call| call.name.as_str()));
    }
    let (grow, stay): (Vec<&Mapper>, Vec<&Mapper>) =
        service.mappers.iter().partition(|mapper| known.contains(last(&mapper.class)));
    let grow: BTreeSet<&str> = grow.iter().map(|mapper| mapper.table.as_str()).collect();
    if grow.len() <= FEWEST {
        return BTreeSet::new();
    }
    stay.iter().map(|mapper| &mapper.table).filter(|table| !grow.contains(table.as_str())).cloned().collect()
}

fn fills(place: &Location) -> bool {
    words(&place.path).iter().any(|word| FILLS.contains(&word.as_str()))
}
