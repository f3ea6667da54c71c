//! Payments that are made twice where a request comes twice.

use architect_model::Service;
use architect_model::code::{Call, Function};
use architect_model::service::{Dependency, EffectiveRoute, Parameters};
use architect_source::{Confidence, Finding, Severity};

use crate::calls::search;
use crate::models::bodies;
use crate::payments::payment;
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
        if !may_repeat(function) {
            continue;
        }
        let find = |by: &'_ Function, call: &'_ Call| {
            let payment = payment(call).filter(|payment| !payment.keyed)?;
            Some((payment, call.location.clone(), short(&by.name).to_owned(), call.context.loops > 0))
        };
        let found = search(&service.code, function, DEEPEST, &|_, callee| may_repeat(callee), &find);
        let Some(((payment, place, by, in_loop), way)) = found else { continue };
        if findings.iter().any(|known| known.location == place) {
            continue;
        }
        let checked = in_loop || asks(function) || way.iter().any(|(_, callee)| asks(callee));
        let title = one.title();
        let mut trace = vec![step(format!("`{title}` starts here"), &function.location)];
        trace.extend(
            way.iter().map(|(call, callee)| step(format!("through `{}`", short(&callee.name)), &call.location)),
        );
        trace.push(step(format!("`{by}` pays"), &place));
        findings.push(Finding {
            trace,
            why: "Clients, proxies and people send a POST again when the answer is late: the money moves twice, and both \
                  requests succeed."
                .to_owned(),
            help: format!(
                "Pass `idempotency_key=` made of what the payment is for (an order's id), or of a header that the client \
                 repeats{}.",
                if payment.fresh_key { "; a key that is made anew for each request keeps nothing out" } else { "" }
            ),
            trade_off: "The provider answers a repeated key with its first answer, also where that was a failure."
                .to_owned(),
            ..RULE.finding(
                if checked || payment.fresh_key { Confidence::Medium } else { Confidence::High },
                format!("{title} {}", payment.what),
                &place,
                format!("`{title}` calls `{}` without a key: sent twice, it pays twice.", payment.what),
            )
        });
    }
    findings
}

/// Whether nothing in a function speaks of keys that tell repeated requests.
fn may_repeat(function: &Function) -> bool {
    let named = |name: &String| words(name).iter().any(|word| word.starts_with("idempot"));
    !function.aside && !function.reads.iter().chain(&function.keys).any(named)
}

/// Whether a function asks for something that a request does once only.
fn asks(function: &Function) -> bool {
    const ONCE: &[&str] = &[
        "paid",
        "refunded",
        "refundable",
        "status",
        "state",
        "charged",
        "processed",
        "exists",
        "existing",
        "already",
        "lock",
    ];
    let tells = |text: &str| words(text).iter().any(|word| ONCE.contains(&word.as_str()));
    function.raises.iter().any(|one| one.condition.as_ref().is_some_and(|test| tells(&test.text)))
        || function.compares.iter().any(|one| tells(&one.left.text))
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
