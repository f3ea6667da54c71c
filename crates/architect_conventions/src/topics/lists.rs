//! How lists are cut, filtered and wrapped.

use architect_model::service::{Dependency, Parameter};

use crate::lens::{Endpoint, Lens, Role, is_many};
use crate::purpose::is_pagination;
use crate::survey::{Survey, Topic};
use crate::words::{last, quoted, short};

pub(super) fn surveys(lens: &Lens<'_>) -> Vec<Survey> {
    vec![pagination(lens), shared(lens), filters(lens), sorting(lens), envelope(lens), single(lens)]
}

/// Query parameters of an endpoint and its dependencies, with the dependency each comes from.
fn query<'e>(one: &'e Endpoint<'_>) -> Vec<(&'e Parameter, Option<&'e Dependency>)> {
    fn add<'d>(list: &'d [Dependency], out: &mut Vec<(&'d Parameter, Option<&'d Dependency>)>) {
        for node in list {
            out.extend(node.parameters.query.iter().map(|parameter| (parameter, Some(node))));
            add(&node.dependencies, out);
        }
    }
    let mut out: Vec<_> = one.route.route.parameters.query.iter().map(|parameter| (parameter, None)).collect();
    add(&one.route.route.dependencies, &mut out);
    out
}

fn lists<'l, 's>(lens: &'l Lens<'s>) -> impl Iterator<Item = &'l Endpoint<'s>> {
    lens.endpoints.iter().filter(|one| one.role == Role::List)
}

fn pagination(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Pagination, "pagination-parameters", "endpoints that list").enforced();
    for one in lists(lens) {
        let mut names: Vec<&str> = query(one)
            .iter()
            .map(|(parameter, _)| parameter.alias.as_str())
            .filter(|name| is_pagination(name))
            .collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            survey.see("Lists are answered whole", "is answered whole", &one.subject);
        } else {
            let names = quoted(&names);
            survey.see(format!("Lists are cut by {names}"), format!("is cut by {names}"), &one.subject);
        }
    }
    survey
}

/// Whether these parameters are written once.
fn shared(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Pagination, "pagination-declaration", "endpoints with pagination").enforced();
    for one in lists(lens) {
        let query = query(one);
        let Some((_, from)) = query.iter().find(|(parameter, _)| is_pagination(&parameter.alias)) else { continue };
        match from {
            Some(dependency) => {
                let name = short(&dependency.call);
                let alias = lens
                    .alias_of(&dependency.call)
                    .map(|alias| format!(", through the alias `{alias}`"))
                    .unwrap_or_default();
                survey.see(
                    format!("Pagination is the dependency `{name}`{alias}"),
                    format!("takes it from `{name}`"),
                    &one.subject,
                );
            }
            None => {
                survey.see(
                    "Endpoints declare the parameters of pagination themselves",
                    "declares the parameters itself",
                    &one.subject,
                );
            }
        }
    }
    survey
}

fn is_sorting(name: &str) -> bool {
    matches!(
        name,
        "sort"
            | "order"
            | "sort_by"
            | "order_by"
            | "ordering"
            | "sort_order"
            | "sort_dir"
            | "sortBy"
            | "descending"
            | "desc"
    )
}

fn filters(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Filtering, "filters", "endpoints that filter");
    for one in lists(lens) {
        let others: Vec<_> = query(one)
            .into_iter()
            .filter(|(parameter, _)| !is_pagination(&parameter.alias) && !is_sorting(&parameter.alias))
            .collect();
        let Some((_, from)) = others.first() else { continue };
        match from {
            Some(dependency) => {
                let name = short(&dependency.call);
                survey.see(
                    format!("Filters are the dependency `{name}`"),
                    format!("takes filters from `{name}`"),
                    &one.subject,
                );
            }
            None => survey.see(
                "Filters are query parameters of the endpoint, one for each field",
                "declares them itself",
                &one.subject,
            ),
        }
    }
    survey
}

fn sorting(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Filtering, "sorting", "endpoints that sort");
    for one in lists(lens) {
        let mut names: Vec<&str> =
            query(one).iter().map(|(parameter, _)| parameter.alias.as_str()).filter(|name| is_sorting(name)).collect();
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            let names = quoted(&names);
            survey.see(format!("The order is asked for with {names}"), format!("asks with {names}"), &one.subject);
        }
    }
    survey
}

/// What a list is wrapped in.
fn envelope(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Envelope, "list-envelope", "endpoints that list").enforced();
    for one in lists(lens) {
        let Some(model) = one.route.route.response_model.as_deref() else { continue };
        let head = last(model.split('[').next().unwrap_or_default().trim());
        let says = match head.to_lowercase().as_str() {
            "list" | "sequence" | "iterable" | "tuple" | "set" | "collection" => {
                "A list is answered as it is: `list[…]`".to_owned()
            }
            _ if model.contains('[') => format!("A list is wrapped: `{head}[…]`"),
            _ if is_many(head) => "A list is wrapped in a schema of its own for each resource".to_owned(),
            _ => continue,
        };
        survey.see(says, format!("answers `{}`", short_model(model)), &one.subject);
    }
    survey
}

/// `list[UserRead]` of `list[app.schemas.UserRead]`.
fn short_model(model: &str) -> String {
    let mut out = String::new();
    for part in model.split_inclusive(['[', ']', ',', ' ', '|']) {
        out.push_str(last(part));
    }
    out
}

/// What one thing is wrapped in.
fn single(lens: &Lens<'_>) -> Survey {
    let mut survey = Survey::new(Topic::Envelope, "single-envelope", "endpoints that answer one thing");
    for one in lens.endpoints.iter().filter(|one| matches!(one.role, Role::ReadOne | Role::Create | Role::Update)) {
        let Some(model) = one.route.route.response_model.as_deref() else { continue };
        let head = last(model.split('[').next().unwrap_or_default().trim());
        let wrapped = model.contains('[')
            && !matches!(head, "Annotated" | "Union" | "Optional" | "list" | "List" | "dict" | "Dict");
        if wrapped {
            survey.see(
                format!("One thing is wrapped: `{head}[…]`"),
                format!("wraps it: `{}`", short_model(model)),
                &one.subject,
            );
        } else {
            survey.see("One thing is answered as it is", "answers it as it is", &one.subject);
        }
    }
    survey
}
