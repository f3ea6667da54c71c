//! Who may call, and with what.

use crate::diff::check::{checks, direction, level, otherwise};

checks! {
    AUTHENTICATION_REQUIRED = "authentication-required" breaking request
        "callers have to authenticate; {old} before" "send credentials: {new}"
        ["api-security-added" "api-global-security-added"];
    AUTHENTICATION_ACCEPTED = "authentication-accepted" compatible request
        "credentials are read where they are sent" "nothing" [];
    AUTHENTICATION_OPTIONAL = "authentication-became-optional" risky request
        "callers without credentials are let in" "check that this is meant; nothing for callers" [];
    AUTHENTICATION_DROPPED = "authentication-dropped" risky request
        "nothing checks any more who calls" "check that this is meant; nothing for callers"
        ["api-security-removed" "api-global-security-removed"];
    SECURITY_SCHEME_ADDED = "security-scheme-added" breaking request
        "{new} is asked for, too" "send it with every request" [];
    SECURITY_SCHEME_DROPPED = "security-scheme-dropped" compatible request
        "{old} is no longer asked for" "nothing" [];
    SECURITY_SCHEME_REPLACED = "security-scheme-replaced" breaking request
        "{new} is asked for instead of {old}" "send {new}" [];
    SECURITY_ALTERNATIVE_ADDED = "security-alternative-added" compatible request
        "{new} is accepted, too" "nothing" [];
    SECURITY_ALTERNATIVE_REMOVED = "security-alternative-removed" breaking request
        "{old} is no longer accepted" "use another scheme" [];
    SECURITY_SCOPE_ADDED = "security-scope-added" breaking request
        "the scope {new} is asked for" "ask for tokens with {new}"
        ["api-security-scope-added" "api-global-security-scope-added"];
    SECURITY_SCOPE_REMOVED = "security-scope-removed" compatible request
        "the scope {old} is no longer asked for" "nothing"
        ["api-security-scope-removed" "api-global-security-scope-removed"];
    SCHEME_TYPE_CHANGED = "security-scheme-type-changed" breaking request
        "{subject} is of type {new} instead of {old}" "send credentials of the new type"
        ["api-security-component-type-changed"];
    SCHEME_KEY_MOVED = "security-scheme-key-moved" breaking request
        "the key of {subject} is the {new} instead of the {old}" "send it there" [];
    SCHEME_URL_CHANGED = "security-scheme-url-changed" risky request
        "{subject} is had at {new} instead of {old}" "get tokens from {new}"
        ["api-security-component-oauth-url-changed" "api-security-component-oauth-token-url-changed"];
    SCHEME_FLOW_REMOVED = "security-scheme-flow-removed" breaking request
        "{subject} has no flow {old} any more" "get tokens by another flow" [];
    SCHEME_FLOW_ADDED = "security-scheme-flow-added" compatible request
        "{subject} has a flow {new}" "nothing" [];
    SCHEME_SCOPE_REMOVED = "security-scheme-scope-removed" breaking request
        "{subject} no longer has the scope {old}" "do not ask for it"
        ["api-security-component-oauth-scope-removed"];
    SCHEME_SCOPE_ADDED = "security-scheme-scope-added" compatible request
        "{subject} has the scope {new}" "nothing" ["api-security-component-oauth-scope-added"];
}
