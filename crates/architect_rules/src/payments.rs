//! Calls of payment libraries that move money. Source: the reference of each provider.

use architect_model::code::Call;

/// A call that moves money.
pub(crate) struct Payment {
    /// What is called.
    pub what: String,
    /// Whether it is given a key, under which the provider does it once.
    pub keyed: bool,
    /// Whether that key is made for the call, so that a repeated request has another.
    pub fresh_key: bool,
}

/// What a call does, if it moves money.
pub(crate) fn payment(call: &Call) -> Option<Payment> {
    let callee = call.callee.as_deref()?;
    let name = callee.strip_prefix("stripe.")?;
    let name = name.strip_suffix("_async").unwrap_or(name);
    let moves = match name {
        "Charge.create" | "Transfer.create" | "Payout.create" | "Subscription.create" => true,
        // Others wait for the customer to confirm them, and one that nobody confirms costs nothing.
        "PaymentIntent.create" => call.keyword("confirm").and_then(|one| one.bool()) == Some(true),
        // The whole of a payment is given back once only.
        "Refund.create" => call.keyword("amount").is_some(),
        _ => false,
    };
    if !moves {
        return None;
    }
    let key = call.keyword("idempotency_key");
    let fresh_key = key.is_some_and(|key| {
        key.through.iter().any(|name| matches!(name.as_str(), "uuid.uuid4" | "uuid.uuid1" | "secrets.token_hex"))
            && key.sources.is_empty()
    });
    let more = call.arguments.iter().any(|one| one.keyword.as_deref().is_some_and(|name| name.contains('*')));
    Some(Payment { what: callee.to_owned(), keyed: more || key.is_some() && !fresh_key, fresh_key })
}
