//! How definitions of one name are told apart, as Pydantic does it.
//!
//! Each definition starts with a name that is its own. Then, again and again, each takes the first of its choices that
//! stands for one schema only, and the references among them follow.
//! Source: `_DefinitionsRemapping.from_prioritized_choices` of pydantic/json_schema.py.

use std::collections::BTreeMap;

use architect_model::dialect::Dialect;
use serde_json::Value as Json;

use super::definitions::PREFIX;

/// Pydantic gives up after that many rounds.
const MAX_ROUNDS: usize = 100;

/// The name of each definition. `written` refers to the others by the last of their `choices`, and is changed.
pub(super) fn simplify(written: &mut [Json], choices: &[Vec<String>], dialect: Dialect) -> Vec<String> {
    let mut last: Vec<String> = choices.iter().filter_map(|choices| choices.last().cloned()).collect();
    for _ in 0..MAX_ROUNDS {
        let mut takers: BTreeMap<&str, Vec<&Json>> = BTreeMap::new();
        for (json, choices) in written.iter().zip(choices) {
            for choice in choices {
                let known = takers.entry(choice).or_default();
                if !known.contains(&json) {
                    known.push(json);
                }
            }
        }
        let mut remap: BTreeMap<&str, &str> = BTreeMap::new();
        let mut chosen: Vec<String> = Vec::new();
        for choices in choices {
            let at =
                choices.iter().position(|choice| takers.get(choice.as_str()).is_some_and(|known| known.len() == 1));
            let at = at.unwrap_or(choices.len() - 1);
            if dialect.simplifies_again() {
                for longer in &choices[at..] {
                    remap.insert(longer, &choices[at]);
                }
            } else {
                remap.insert(&choices[choices.len() - 1], &choices[at]);
            }
            chosen.push(choices[at].clone());
        }
        let mut changed = false;
        for json in written.iter_mut() {
            changed |= rename(json, &remap);
        }
        if !changed && chosen == last {
            break;
        }
        last = chosen;
    }
    last
}

fn rename(json: &mut Json, remap: &BTreeMap<&str, &str>) -> bool {
    match json {
        Json::Array(items) => items.iter_mut().fold(false, |changed, item| rename(item, remap) | changed),
        Json::Object(items) => items.values_mut().fold(false, |changed, item| rename(item, remap) | changed),
        Json::String(text) => {
            let new = text.strip_prefix(PREFIX).and_then(|name| remap.get(name));
            match new {
                Some(new) if text[PREFIX.len()..] != **new => {
                    *text = format!("{PREFIX}{new}");
                    true
                }
                _ => false,
            }
        }
        _ => false,
    }
}
