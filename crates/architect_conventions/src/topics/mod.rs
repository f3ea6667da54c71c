//! What is surveyed, by topic.

mod access;
mod endpoints;
mod errors;
mod layers;
mod lists;
mod models;
mod naming;
mod routers;
mod schemas;
mod style;
mod tests;

use crate::lens::Lens;
use crate::survey::Survey;

/// Every survey, in the order of the topics.
pub(crate) fn all(lens: &Lens<'_>) -> Vec<Survey> {
    let mut out = Vec::new();
    out.extend(endpoints::surveys(lens));
    out.extend(routers::surveys(lens));
    out.extend(access::surveys(lens));
    out.extend(errors::surveys(lens));
    out.extend(models::surveys(lens));
    out.extend(naming::surveys(lens));
    out.extend(schemas::surveys(lens));
    out.extend(lists::surveys(lens));
    out.extend(layers::surveys(lens));
    out.extend(tests::surveys(lens));
    out.extend(style::surveys(lens));
    out
}
