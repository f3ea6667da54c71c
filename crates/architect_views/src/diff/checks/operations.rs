//! Applications, operations and what a document says of all of them.

use crate::diff::check::{checks, direction, level, otherwise};

checks! {
    APPLICATION_REMOVED = "application-removed" breaking both
        "the application {subject} is gone, with {old}" "stop calling it" [];
    APPLICATION_ADDED = "application-added" compatible both
        "the application {subject} is new, with {new}" "nothing" [];
    OPERATION_REMOVED = "operation-removed" breaking (risky if "something could not be read that may still have it")
        both
        "{subject} is gone" "stop calling it; the answer is 404 or 405"
        ["api-removed-without-deprecation" "api-path-removed-without-deprecation"];
    DEPRECATED_OPERATION_REMOVED = "deprecated-operation-removed" risky both
        "{subject}, which was deprecated, is gone" "stop calling it; the answer is 404 or 405"
        ["api-removed-with-deprecation" "api-path-removed-with-deprecation"];
    HIDDEN_OPERATION_REMOVED = "hidden-operation-removed" risky both
        "{subject}, which no document showed, is gone" "stop calling it, if you know of it" [];
    OPERATION_ADDED = "operation-added" compatible both
        "{subject} is new" "nothing" ["endpoint-added"];
    HIDDEN_OPERATION_ADDED = "hidden-operation-added" compatible both
        "{subject} is new and in no document" "nothing" [];
    ROUTER_PREFIX_CHANGED = "router-prefix-changed" breaking both
        "everything below {old} is below {new} now: {subject}" "replace {old} by {new} at the start of these paths" [];
    OPERATION_MOVED = "operation-moved" breaking both
        "{old} is {new} now" "call {new}" [];
    OPERATION_METHOD_CHANGED = "operation-method-changed" breaking both
        "{subject} is called with {new} instead of {old}" "send {new}" [];
    TRAILING_SLASH_CHANGED = "trailing-slash-changed" risky both
        "{old} is {new} now" "call {new}; the old path redirects, which some clients do not follow" [];
    PATH_PARAMETER_RENAMED = "path-parameter-renamed" compatible request
        "the path parameter {old} is called {new}" "nothing; generated clients call the argument {new}" [];
    PATH_CONVERTOR_NARROWED = "path-convertor-narrowed" breaking request
        "{subject} matches {new} only, and {old} before" "send values that match; others are answered 404" [];
    PATH_CONVERTOR_WIDENED = "path-convertor-widened" compatible request
        "{subject} matches {new}, and {old} before" "nothing" [];
    OPERATION_DEPRECATED = "operation-deprecated" compatible both
        "{subject} is deprecated" "plan to stop calling it" ["endpoint-deprecated"];
    OPERATION_UNDEPRECATED = "operation-undeprecated" compatible both
        "{subject} is no longer deprecated" "nothing" ["endpoint-reactivated"];
    OPERATION_HIDDEN = "operation-hidden" risky both
        "{subject} is still served and no longer in the document" "expect generated clients to lose it" [];
    OPERATION_SHOWN = "operation-shown" compatible both
        "{subject} is in the document now" "nothing" [];
    OPERATION_ID_CHANGED = "operation-id-changed" risky both
        "the operation id is {new} instead of {old}" "expect generated clients to name the method after {new}"
        ["api-operation-id-removed" "api-operation-id-added"];
    OPERATION_TAG_REMOVED = "operation-tag-removed" compatible both
        "the tag {old} is gone" "nothing; clients that are grouped by tags may move it" ["api-tag-removed"];
    OPERATION_TAG_ADDED = "operation-tag-added" compatible both
        "the tag {new} is new" "nothing; clients that are grouped by tags may move it" ["api-tag-added"];
    OPERATION_BECAME_CONDITIONAL = "operation-became-conditional" risky both
        "{subject} exists only under a condition now: {new}" "check that it holds where you call it" [];
    OPERATION_BECAME_UNCONDITIONAL = "operation-became-unconditional" compatible both
        "{subject} always exists now, and only under a condition before: {old}" "nothing" [];
    WEBSOCKET_REMOVED = "websocket-removed" breaking (risky if "something could not be read that may still have it")
        both
        "the websocket {subject} is gone" "stop connecting to it" [];
    WEBSOCKET_ADDED = "websocket-added" compatible both
        "the websocket {subject} is new" "nothing" [];
    MOUNT_REMOVED = "mount-removed" breaking (risky if "something could not be read that may still have it") both
        "what was mounted at {subject} is gone" "stop asking for paths below it" [];
    MOUNT_ADDED = "mount-added" compatible both
        "something is mounted at {subject}" "nothing" [];
    CALLBACK_REMOVED = "callback-removed" breaking both
        "you are no longer called back by {subject}" "do not wait for it" [];
    CALLBACK_ADDED = "callback-added" compatible both
        "{subject} calls you back where you ask for it" "nothing, or serve it" [];
    WEBHOOK_REMOVED = "webhook-removed" breaking both
        "the webhook {subject} is gone" "do not wait for it" ["webhook-removed"];
    WEBHOOK_ADDED = "webhook-added" compatible both
        "the webhook {subject} is new" "nothing, or serve it" ["webhook-added"];
    SERVER_REMOVED = "server-removed" breaking both
        "the server {subject} is no longer listed" "use one of those that are" [];
    SERVER_ADDED = "server-added" compatible both
        "the server {subject} is listed" "nothing" [];
    SCHEMA_RENAMED = "schema-renamed" compatible both
        "the schema {old} is called {new}" "nothing; generated clients name the class {new}" [];
    CREDENTIALS_STATUS_CHANGED = "credentials-status-changed" risky response
        "requests without credentials are answered 401 instead of 403 (FastAPI {new} instead of {old})"
        "treat 401 as missing credentials" [];
    CONTENT_TYPE_CHECKED = "content-type-checked" risky request
        "JSON without a JSON Content-Type is refused (FastAPI {new} instead of {old})"
        "send Content-Type: application/json" [];
}
