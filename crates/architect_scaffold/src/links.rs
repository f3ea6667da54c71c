//! The data model as a whole: what refers to what, who owns what, in which order tables are made.

use std::collections::BTreeMap;

use crate::names;
use crate::resource::{Field, Kind, Resource};

/// The resource that accounts are, where there are any.
pub(crate) const USER: &str = "user";

/// Whose a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Everybody's who has an account.
    Shared,
    /// That of the user in this field.
    Direct(String),
    /// That of whoever owns the row that this field refers to.
    Parent(String),
}

/// What follows from all resources together.
#[derive(Debug)]
pub(crate) struct Links {
    /// Indexes of resources, those that are referred to first.
    pub order: Vec<usize>,
    /// Whose rows are, by resource.
    pub owners: BTreeMap<String, Owner>,
}

/// Resolves references.
///
/// # Errors
/// When a reference leads nowhere, when required references go round in a circle, or when two names would collide in
/// the generated code.
pub(crate) fn resolve(resources: &[Resource], users: bool) -> Result<Links, String> {
    let by_name: BTreeMap<&str, &Resource> = resources.iter().map(|one| (one.name.as_str(), one)).collect();
    if by_name.len() != resources.len() {
        let twice = resources.iter().enumerate().find(|(at, one)| resources[..*at].iter().any(|o| o.name == one.name));
        return Err(format!("resource {:?} is given twice", twice.map_or("", |(_, one)| &one.name)));
    }
    for resource in resources {
        for (field, target) in references(resource) {
            let known = by_name.contains_key(target) || (target == USER && users);
            if !known {
                let what =
                    if target == USER { "there are no users with --auth none" } else { "there is no such resource" };
                return Err(format!(
                    "resource {:?}: field {:?} refers to {target:?}: {what}",
                    resource.name, field.name
                ));
            }
        }
    }
    collisions(resources)?;
    let order = sorted(resources, &by_name)?;
    let owners = resources.iter().map(|one| (one.name.clone(), owner(one, &by_name, 0))).collect();
    Ok(Links { order, owners })
}

/// The fields that refer to something, with what they refer to.
pub(crate) fn references(resource: &Resource) -> impl Iterator<Item = (&Field, &str)> {
    resource.fields.iter().filter_map(|field| match &field.kind {
        Kind::Reference { target, .. } => Some((field, target.as_str())),
        _ => None,
    })
}

/// Depth first along references; what is left of a circle of optional ones is a key that is added later.
fn sorted(resources: &[Resource], by_name: &BTreeMap<&str, &Resource>) -> Result<Vec<usize>, String> {
    let index: BTreeMap<&str, usize> = resources.iter().enumerate().map(|(at, one)| (one.name.as_str(), at)).collect();
    let mut done: Vec<usize> = Vec::new();
    for resource in resources {
        visit(resource, by_name, &index, &mut Vec::new(), &mut done)?;
    }
    Ok(done)
}

fn visit<'a>(
    resource: &'a Resource,
    by_name: &BTreeMap<&str, &'a Resource>,
    index: &BTreeMap<&str, usize>,
    path: &mut Vec<(&'a str, bool)>,
    done: &mut Vec<usize>,
) -> Result<(), String> {
    let at = index[resource.name.as_str()];
    if done.contains(&at) {
        return Ok(());
    }
    path.push((&resource.name, true));
    for (field, target) in references(resource) {
        let Some(next) = by_name.get(target) else { continue };
        path.last_mut().expect("just pushed").1 = !field.nullable;
        if let Some(start) = path.iter().position(|(name, _)| *name == target) {
            let circle = &path[start..];
            let names: Vec<&str> = circle.iter().map(|(name, _)| *name).chain([target]).collect();
            if circle.iter().all(|(_, required)| *required) {
                return Err(format!(
                    "{} refer to each other in a circle, so that none could be created first: make one of them optional (ref?)",
                    names.join(" -> ")
                ));
            }
            if circle.len() > 1 {
                return Err(format!(
                    "{} is a circle of references over several tables, which `new` does not write yet: leave one out",
                    names.join(" -> ")
                ));
            }
            continue;
        }
        visit(next, by_name, index, path, done)?;
    }
    path.pop();
    done.push(at);
    Ok(())
}

/// The first required reference that leads to a user decides.
fn owner(resource: &Resource, by_name: &BTreeMap<&str, &Resource>, depth: usize) -> Owner {
    let required = || references(resource).filter(|(field, _)| !field.nullable);
    if let Some((field, _)) = required().find(|(_, target)| *target == USER) {
        return Owner::Direct(field.name.clone());
    }
    // No chain is longer than there are resources.
    let owned = |target: &str| {
        depth < by_name.len() && by_name.get(target).is_some_and(|one| owner(one, by_name, depth + 1) != Owner::Shared)
    };
    match required().find(|(_, target)| owned(target)) {
        Some((field, _)) => Owner::Parent(field.name.clone()),
        None => Owner::Shared,
    }
}

/// Names of classes and tables that two resources would share.
fn collisions(resources: &[Resource]) -> Result<(), String> {
    let mut classes: BTreeMap<String, String> = BTreeMap::new();
    for resource in resources {
        let class = names::class(&resource.name);
        let suffixed = ["", "Create", "Update", "Read", "Summary", "Query"].map(|suffix| format!("{class}{suffix}"));
        let fields = resource.fields.iter().map(|field| format!("{class}{}", names::class(&field.name)));
        for name in suffixed.into_iter().chain(fields) {
            if let Some(other) = classes.insert(name.clone(), resource.name.clone()) {
                return Err(format!(
                    "resources {other:?} and {:?} would both have a class {name:?}: rename one, or its field",
                    resource.name
                ));
            }
        }
    }
    for (at, resource) in resources.iter().enumerate() {
        if let Some(other) =
            resources[..at].iter().find(|one| names::plural(&one.name) == names::plural(&resource.name))
        {
            return Err(format!("resources {:?} and {:?} would share a table: rename one", other.name, resource.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Vec<Resource> {
        texts.iter().map(|text| Resource::parse(text).unwrap()).collect()
    }

    #[test]
    fn tables_stand_after_what_they_refer_to() {
        let resources = parse(&["line order:ref product:ref", "order user:ref", "product name:string"]);
        let links = resolve(&resources, true).unwrap();
        let names: Vec<&str> = links.order.iter().map(|&at| resources[at].name.as_str()).collect();
        assert_eq!(names, ["order", "product", "line"]);
        assert_eq!(links.owners["order"], Owner::Direct("user".into()));
        assert_eq!(links.owners["line"], Owner::Parent("order".into()));
        assert_eq!(links.owners["product"], Owner::Shared);
    }

    #[test]
    fn a_resource_may_refer_to_itself_when_it_need_not() {
        assert!(resolve(&parse(&["category parent:ref(category)?"]), true).is_ok());
    }

    #[test]
    fn what_cannot_be_resolved_is_said() {
        for (texts, why) in [
            (&["order customer:ref"][..], "no such resource"),
            (&["order title:string", "order title:string"], "twice"),
            (&["node parent:ref(node)"], "in a circle"),
            (&["chicken egg:ref", "egg chicken:ref"], "in a circle"),
            (&["dog cat:ref", "cat mouse:ref", "mouse dog:ref"], "dog -> cat -> mouse -> dog"),
            (&["chicken egg:ref?", "egg chicken:ref"], "not write yet"),
            (&["order status:enum(a,b)", "order_status title:string"], "class"),
        ] {
            let told = resolve(&parse(texts), true).unwrap_err();
            assert!(told.contains(why), "{texts:?}: {told}");
        }
        let told = resolve(&parse(&["order user:ref"]), false).unwrap_err();
        assert!(told.contains("--auth none"), "{told}");
    }
}
