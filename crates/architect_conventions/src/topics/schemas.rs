//! How what is sent and answered is described.

use std::collections::{BTreeMap, BTreeSet};

use architect_model::code::Class;

use crate::lens::{Lens, Role};
use crate::survey::{Subject, Survey, Topic};
use crate::words::{humps, last};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![
        suffix(lens, "create-schema", "bodies of endpoints that create", Role::Create),
        suffix(lens, "update-schema", "bodies of endpoints that change", Role::Update),
        answers(lens),
        base(lens),
        from_attributes(lens),
        files(lens),
        constraints(lens),
    ]
}

fn subject(class: &Class) -> Subject {
    let merit = if class.docstring.is_some() { 0.25 } else { 0.0 } + if class.fields.len() >= 3 { 0.25 } else { 0.0 };
    Subject { name: class.name.clone(), location: class.location.clone(), kind: "A schema", lines: class.lines, merit }
}

/// Classes that a type names.
fn classes_in<'s>(lens: &Lens<'s>, text: &str) -> Vec<&'s Class> {
    let mut out = Vec::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '.') {
        let name = last(word);
        if name.is_empty() {
            continue;
        }
        out.extend(lens.classes.iter().filter(|class| last(&class.name) == name && lens.is_schema(class)).take(1));
    }
    out
}

/// `Create` of `UserCreate`, told from the resource by how many end so.
fn ending(lens: &Lens<'_>, name: &str) -> Option<String> {
    let parts = humps(name);
    let end = (*parts.last()?).to_owned();
    // The resource itself is no ending: `Token`, `UserGroup`.
    let count = lens
        .classes
        .iter()
        .filter(|class| lens.is_schema(class) && humps(last(&class.name)).last() == Some(&end.as_str()))
        .count();
    (parts.len() > 1 && count > 1).then_some(end)
}

fn suffix(lens: &Lens<'_>, name: &'static str, noun: &'static str, role: Role) -> Survey {
    let mut survey = Survey::new(Topic::Schemas, name, noun).enforced();
    let mut seen = BTreeSet::new();
    let what = if role == Role::Create { "creates" } else { "changes" };
    for one in lens.endpoints.iter().filter(|one| one.role == role) {
        for body in one.route.route.parameters.body.iter().filter(|one| one.media == Some("body")) {
            for class in classes_in(lens, body.annotation.as_deref().unwrap_or_default()).into_iter().take(1) {
                if !seen.insert(&class.name) {
                    continue;
                }
                let short = last(&class.name);
                match ending(lens, short) {
                    Some(end) => survey.see(
                        format!("What {what} takes a schema that ends in `{end}`"),
                        format!("ends in `{end}`"),
                        &subject(class),
                    ),
                    None => survey.see(
                        format!("What {what} takes a schema named after its resource"),
                        "has no ending",
                        &subject(class),
                    ),
                }
            }
        }
    }
    survey
}

fn answers(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Schemas, "response-schema", "schemas of responses").enforced();
    let mut seen = BTreeSet::new();
    for one in
        lens.endpoints.iter().filter(|one| matches!(one.role, Role::List | Role::ReadOne | Role::Create | Role::Update))
    {
        let Some(model) = one.route.route.response_model.as_deref() else { continue };
        // The innermost is what is listed.
        if let Some(class) = classes_in(lens, model).into_iter().last() {
            if crate::lens::is_many(last(&class.name)) || !seen.insert(&class.name) {
                continue;
            }
            let short = last(&class.name);
            match ending(lens, short) {
                Some(end) => survey.see(
                    format!("Schemas of responses end in `{end}`"),
                    format!("ends in `{end}`"),
                    &subject(class),
                ),
                None => {
                    survey.see("Schemas of responses are named after their resource", "has no ending", &subject(class))
                }
            }
        }
    }
    survey
}

/// Schemas of the service, those that only others derive from among them.
fn all<'s>(lens: &Lens<'s>) -> Vec<&'s Class> {
    lens.classes.iter().filter(|class| lens.is_schema(class)).copied().collect()
}

fn base(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Schemas, "schema-base", "schemas");
    let schemas = all(lens);
    let mut below: BTreeMap<String, usize> = BTreeMap::new();
    for class in &schemas {
        for base in lens.service.code.ancestors(&class.name).into_iter().skip(1) {
            *below.entry(base).or_default() += 1;
        }
    }
    for class in &schemas {
        let own: Vec<String> = lens
            .service
            .code
            .ancestors(&class.name)
            .into_iter()
            .skip(1)
            .filter(|one| lens.service.code.class(one).is_some())
            .collect();
        // A base of nearly everything is the project's own; one of two or three is the resource's.
        let shared = own
            .iter()
            .max_by_key(|one| below.get(*one).copied().unwrap_or(0))
            .filter(|one| below[*one] * 3 > schemas.len() && below[*one] > 4);
        match shared {
            Some(shared) => {
                let name = last(shared);
                survey.see(
                    format!("Schemas derive from the project's own base, `{name}`"),
                    format!("derives from `{name}`"),
                    &subject(class),
                );
            }
            None if below.get(&class.name).is_some_and(|count| count * 3 > schemas.len() && *count > 4) => {}
            None => survey.see("Schemas derive from `BaseModel`", "derives from `BaseModel`", &subject(class)),
        }
    }
    survey
}

/// Whether what reads objects says so.
fn from_attributes(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Schemas, "from-attributes", "schemas of responses");
    let mut seen = BTreeSet::new();
    for one in lens.endpoints.iter().filter(|one| matches!(one.role, Role::List | Role::ReadOne)) {
        let Some(model) = one.route.route.response_model.as_deref() else { continue };
        if let Some(class) = classes_in(lens, model).into_iter().last() {
            if !seen.insert(&class.name) {
                continue;
            }
            let states =
                lens.service.code.ancestors(&class.name).iter().filter_map(|name| lens.service.code.class(name)).any(
                    |class| {
                        class.fields.iter().any(|field| {
                            let text = field.value.as_ref().map_or("", |value| value.text.as_str());
                            field.name == "model_config" && text.contains("from_attributes")
                                || field.name == "Config.orm_mode"
                                || field.name == "Config.from_attributes"
                        })
                    },
                );
            if states {
                survey.see(
                    "Schemas that are made from models say so: `from_attributes=True`",
                    "says `from_attributes`",
                    &subject(class),
                );
            } else {
                survey.lack("Schemas do not say `from_attributes`", "does not say `from_attributes`", &subject(class));
            }
        }
    }
    survey
}

fn files(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Schemas, "schema-files", "schemas");
    let schemas = all(lens);
    let mut stems: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for class in &schemas {
        let path = &*class.location.path;
        stems.entry(path.rsplit('/').next().unwrap_or(path)).or_default().insert(path);
    }
    for class in &schemas {
        let path = &*class.location.path;
        let stem = path.rsplit('/').next().unwrap_or(path);
        let says = match path.rsplit_once('/') {
            _ if stems[stem].len() > 2 && stem != "__init__.py" => format!("Each package has its schemas in `{stem}`"),
            Some((folder, _)) => format!("Schemas are modules of `{folder}/`"),
            None => format!("Schemas are in `{path}`"),
        };
        survey.see(says, format!("is in `{path}`"), &subject(class));
    }
    survey
}

/// Whether texts that come in are bounded.
fn constraints(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Schemas, "text-constraints", "text fields of bodies");
    let mut seen = BTreeSet::new();
    for one in &lens.endpoints {
        for body in one.route.route.parameters.body.iter().filter(|one| one.media == Some("body")) {
            for class in classes_in(lens, body.annotation.as_deref().unwrap_or_default()).into_iter().take(1) {
                if !seen.insert(&class.name) {
                    continue;
                }
                for name in lens.service.code.ancestors(&class.name) {
                    let Some(class) = lens.service.code.class(&name) else { continue };
                    for field in &class.fields {
                        let annotation = field.annotation.as_deref().unwrap_or_default();
                        if !matches!(annotation.trim_end_matches(" | None").trim(), "str" | "Optional[str]")
                            && !annotation.starts_with("Annotated[str")
                        {
                            continue;
                        }
                        let text = field.value.as_ref().map_or("", |value| value.text.as_str());
                        let bounded = ["max_length", "pattern", "min_length", "regex"]
                            .iter()
                            .any(|word| text.contains(word) || annotation.contains(word));
                        let subject = Subject { location: field.location.clone(), ..subject(class) };
                        if bounded {
                            survey.see(
                                "Texts that come in are bounded: `Field(max_length=…)`",
                                "bounds its text",
                                &subject,
                            );
                        } else {
                            survey.lack("Texts that come in are not bounded", "does not bound its text", &subject);
                        }
                    }
                }
            }
        }
    }
    survey
}
