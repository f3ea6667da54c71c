//! Names of tables, files, paths, tags and endpoints.

use std::collections::{BTreeMap, BTreeSet};

use crate::lens::{Lens, Role};
use crate::survey::{Subject, Survey, Topic};
use crate::topics::models::mapped;
use crate::words::{case, is_plural, last, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    let mut out = vec![
        tables(lens),
        files(lens),
        segments(lens),
        segment_case(lens),
        tag_case(lens),
        parameters(lens),
        slashes(lens),
    ];
    out.extend(verbs(lens));
    out
}

fn tables(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Naming, "table-number", "tables").enforced();
    for (mapper, class) in mapped(lens) {
        let Some(table) = mapper.table_index.and_then(|at| lens.service.tables.get(at)) else { continue };
        // A table that stands for one parent has its name; what links two tables is named after both.
        let links = table.primary_key.columns.len() > 1;
        if mapper.inherits.is_some() || links {
            continue;
        }
        let name = &table.name;
        let subject = super::models::subject(class);
        match is_plural(name) {
            Some(true) => survey.see(
                "Tables are named in the plural",
                format!("has the table `{name}`, singular or not"),
                &subject,
            ),
            Some(false) => survey.see("Tables are named in the singular", format!("has the table `{name}`"), &subject),
            None => {}
        }
    }
    survey
}

fn files(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Naming, "router-file-number", "router modules");
    for (router, _) in &lens.routers {
        let path = &*router.location.path;
        let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".py")).unwrap_or_default();
        let generic =
            ["router", "routers", "routes", "views", "endpoints", "api", "__init__", "main", "app"].contains(&stem);
        let subject =
            Subject { name: path.to_owned(), location: router.location.clone(), kind: "", lines: 1, merit: 0.0 };
        match is_plural(stem) {
            Some(true) if !generic => {
                survey.see("Files are named after their resource in the plural", "is in the plural", &subject)
            }
            Some(false) if !generic => {
                survey.see("Files are named after their resource in the singular", "is in the singular", &subject)
            }
            _ => {}
        }
    }
    survey
}

/// Words of paths, each once, with the first endpoint that has it.
fn words<'s>(lens: &'s Lens<'_>) -> BTreeMap<&'s str, &'s Subject> {
    let mut out = BTreeMap::new();
    for one in &lens.endpoints {
        for segment in one.route.path.split('/').filter(|part| !part.is_empty() && !part.contains(['{', '.'])) {
            out.entry(segment).or_insert(&one.subject);
        }
    }
    out
}

/// Collections in paths: what stands before an id.
fn segments(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Naming, "path-number", "collections in paths").enforced();
    let mut seen = BTreeSet::new();
    for one in &lens.endpoints {
        let parts: Vec<&str> = one.route.path.split('/').collect();
        for pair in parts.windows(2) {
            let [word, next] = pair else { continue };
            if !next.starts_with('{') || word.is_empty() || word.contains('{') || !seen.insert(*word) {
                continue;
            }
            match is_plural(word) {
                Some(true) => survey.see(
                    "Collections in paths are in the plural: `/users/{user_id}`",
                    format!("says `/{word}/`"),
                    &one.subject,
                ),
                Some(false) => survey.see(
                    "Collections in paths are in the singular: `/user/{user_id}`",
                    format!("says `/{word}/`"),
                    &one.subject,
                ),
                None => {}
            }
        }
    }
    survey
}

fn segment_case(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Naming, "path-case", "words of paths").enforced();
    for (word, subject) in words(lens) {
        if let Some(case) = case(word) {
            survey.see(format!("Several words in a path are `{case}`"), format!("says `{word}`"), subject);
        }
    }
    survey
}

fn tag_case(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Naming, "tag-case", "tags");
    let mut seen = BTreeSet::new();
    for one in &lens.endpoints {
        for tag in &one.route.route.tags {
            if !seen.insert(tag.as_str()) {
                continue;
            }
            let capital = tag.chars().next().is_some_and(char::is_uppercase);
            let says = match case(tag) {
                _ if capital => "Tags begin with a capital",
                Some("kebab-case") => "Tags are lower case, with hyphens",
                Some("snake_case") => "Tags are lower case, with underscores",
                Some("lower case with spaces") => "Tags are lower case, with spaces",
                // One word alone says nothing of how words are joined.
                _ => "Tags are lower case",
            };
            survey.see(says, format!("has the tag `{tag}`"), &one.subject);
        }
    }
    survey
}

/// `{user_id}` or `{id}`.
fn parameters(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Naming, "path-parameter", "path parameters").enforced();
    let mut seen = BTreeSet::new();
    for one in &lens.endpoints {
        let parts: Vec<&str> = one.route.path.split('/').collect();
        for pair in parts.windows(2) {
            let [before, part] = pair else { continue };
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else { continue };
            let name = name.split(':').next().unwrap_or(name);
            if !seen.insert((*before, name)) {
                continue;
            }
            let does = format!("names it `{{{name}}}`");
            if name == "id" || name == "uuid" || name == "pk" {
                survey.see(format!("Ids in paths are all called `{{{name}}}`"), does, &one.subject);
            } else if name.ends_with("_id") || name.ends_with("_uuid") {
                let end = if name.ends_with("_id") { "_id" } else { "_uuid" };
                survey.see(format!("Ids in paths are called after their resource, with `{end}`"), does, &one.subject);
            }
        }
    }
    survey
}

fn slashes(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Naming, "trailing-slash", "paths of collections").enforced();
    for one in &lens.endpoints {
        if !matches!(one.role, Role::List | Role::Create) {
            continue;
        }
        let path = &one.route.path;
        if path.ends_with('/') {
            survey.see("Paths of collections end with a slash", "ends with a slash", &one.subject);
        } else {
            survey.see("Paths do not end with a slash", "ends without a slash", &one.subject);
        }
    }
    survey
}

/// Which verb an endpoint's name begins with, by what it does.
fn verbs(lens: &Lens<'_>) -> Vec<Survey> {
    let kinds = [
        (Role::List, "list-verb", "endpoints that list", "list"),
        (Role::ReadOne, "read-verb", "endpoints that read one", "read one"),
        (Role::Create, "create-verb", "endpoints that create", "create"),
        (Role::Update, "update-verb", "endpoints that change", "change"),
        (Role::Delete, "delete-verb", "endpoints that delete", "delete"),
    ];
    kinds
        .into_iter()
        .map(|(role, name, noun, what)| {
            let mut survey = Survey::new(Topic::Naming, name, noun);
            for one in lens.endpoints.iter().filter(|one| one.role == role) {
                let own = last(short(&one.function.name)).trim_start_matches('_');
                let verb = own.split('_').next().unwrap_or(own);
                let says = if verb == own {
                    format!("Endpoints that {what} are called `{verb}`")
                } else {
                    format!("Names of endpoints that {what} begin with `{verb}_`")
                };
                survey.see(says, format!("is called `{own}`"), &one.subject);
            }
            survey
        })
        .collect()
}
