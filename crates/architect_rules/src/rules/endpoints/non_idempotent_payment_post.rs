//! Payments that are made twice where a request comes twice.

use std::collections::BTreeSet;

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::service::{Dependency, EffectiveRoute, Parameters};
use architect_source::{Confidence, Finding, Severity, Step};

use crate::models::bodies;
use crate::payments::{Payment, payment};
use crate::requests::{Requests, words};
use crate::text::short;
use crate::{Rule, step};

/// See the page.
pub(super) static RULE: Rule = Rule {
    name: "non-idempotent-payment-post",
    group: "endpoints",
    docs: include_str!("non_idempotent_payment_post.md"),
    severity: Severity::Warning,
    since: "0.3.0",
    check,
};

/// Calls of calls are followed so far.
const DEEPEST: usize = 4;

fn check(service: &Service) -> Vec<Finding> {
    // Most services move no money.
    if !service.code.functions.iter().any(|function| function.calls.iter().any(|call| payment(call).is_some())) {
        return Vec::new();
    }
    let requests = Requests::of(service);
    let mut findings: Vec<Finding> = Vec::new();
    for (one, function) in requests.with_code(&service.code) {
        if !one.route.methods.iter().any(|method| method == "POST") || has_key(service, one) {
            continue;
        }
        let mut seen = BTreeSet::new();
        let Some(found) = pays(service, function, DEEPEST, &mut seen) else { continue };
        if findings.iter().any(|known| known.location == found.call.location) {
            continue;
        }
        let title = one.title();
        let mut trace = vec![step(format!("`{title}` starts here"), &function.location)];
        trace.extend(found.way.into_iter().rev());
        findings.push(Finding {
            trace,
            why: "Clients, proxies and people send a POST again when the answer is late: the money moves twice, and both \
                  requests succeed."
                .to_owned(),
            help: format!(
                "Pass `idempotency_key=` made of what the payment is for (an order's id), or of a header that the client \
                 repeats{}.",
                if found.payment.fresh_key { "; a key that is made anew for each request keeps nothing out" } else { "" }
            ),
            trade_off: "The provider answers a repeated key with its first answer, also where that was a failure."
                .to_owned(),
            ..RULE.finding(
                if found.checked || found.payment.fresh_key { Confidence::Medium } else { Confidence::High },
                format!("{title} {}", found.payment.what),
                &found.call.location,
                format!("`{title}` calls `{}` without a key: sent twice, it pays twice.", found.payment.what),
            )
        });
    }
    findings
}

struct Found<'s> {
    call: &'s Call,
    payment: Payment,
    /// The way, innermost first.
    way: Vec<Step>,
    /// Whether something on the way asks whether it was done.
    checked: bool,
}

fn pays<'s>(
    service: &'s Service,
    function: &'s Function,
    depth: usize,
    seen: &mut BTreeSet<&'s str>,
) -> Option<Found<'s>> {
    if depth == 0 || !seen.insert(&function.name) || function.aside {
        return None;
    }
    // Something that a request does once only.
    let asks = |text: &str| {
        words(text).iter().any(|word| {
            matches!(
                word.as_str(),
                "paid"
                    | "refunded"
                    | "refundable"
                    | "status"
                    | "state"
                    | "charged"
                    | "processed"
                    | "exists"
                    | "existing"
                    | "already"
                    | "lock"
            )
        })
    };
    let checked = function.raises.iter().any(|one| one.condition.as_ref().is_some_and(|test| asks(&test.text)))
        || function.compares.iter().any(|one| asks(&one.left.text));
    if function
        .reads
        .iter()
        .chain(&function.keys)
        .any(|name| words(name).iter().any(|word| word.starts_with("idempot")))
    {
        return None;
    }
    for call in &function.calls {
        if let Some(payment) = payment(call).filter(|payment| !payment.keyed) {
            let way = vec![step(format!("`{}` pays", short(&function.name)), &call.location)];
            return Some(Found { call, payment, way, checked: checked || call.context.loops > 0 });
        }
    }
    function.calls.iter().find_map(|call| {
        let callee = service.code.function(call.callee.as_deref()?)?;
        let mut found = pays(service, callee, depth - 1, seen)?;
        found.way.push(step(format!("through `{}`", short(&callee.name)), &call.location));
        found.checked |= checked;
        Some(found)
    })
}

/// Whether a caller sends something that tells repeated requests from new ones.
fn has_key(service: &Service, one: &EffectiveRoute<'_>) -> bool {
    fn all(parameters: &Parameters) -> bool {
        [&parameters.path, &parameters.query, &parameters.header, &parameters.cookie, &parameters.body]
            .into_iter()
            .flatten()
            .any(|parameter| tells(&parameter.alias) || tells(&parameter.name))
    }
    let route = one.route;
    all(&route.parameters)
        || route.dependencies.iter().flat_map(Dependency::tree).any(|one| tells(&one.call) || all(&one.parameters))
        || bodies(service, one).any(|schema| schema.fields.iter().any(|field| tells(&field.name)))
}

fn tells(name: &str) -> bool {
    let name = name.to_lowercase();
    ["idempot", "request_id", "request-id", "client_token", "nonce", "dedup"].iter().any(|part| name.contains(part))
}
