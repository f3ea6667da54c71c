//! Responses: status codes, media types, headers, fields.

use crate::diff::check::{checks, direction, level, otherwise};

checks! {
    SUCCESS_STATUS_CHANGED = "success-status-changed" breaking response
        "success is answered {new} instead of {old}" "expect {new}, or any status from 200 to 299" [];
    SUCCESS_STATUS_REMOVED = "success-status-removed" breaking response
        "{old} is not answered any more" "expect the other status codes" ["response-success-status-removed"];
    SUCCESS_STATUS_ADDED = "success-status-added" risky response
        "{new} may be answered, too" "treat it as success" ["response-success-status-added"];
    ERROR_STATUS_REMOVED = "error-status-removed" compatible response
        "{old} is not documented any more" "nothing" ["response-non-success-status-removed"];
    ERROR_STATUS_ADDED = "error-status-added" compatible response
        "{new} is documented" "handle it, if you tell errors apart" ["response-non-success-status-added"];
    RESPONSE_BODY_REMOVED = "response-body-removed" breaking response
        "{subject} has no body any more" "do not read one" ["response-body-media-type-schema-removed"];
    RESPONSE_BODY_ADDED = "response-body-added" compatible response
        "{subject} has a body" "nothing" ["response-body-media-type-schema-added"];
    RESPONSE_SCHEMA_REMOVED = "response-schema-removed" risky response
        "nothing is said any more of the body of {subject}: fields may come, change and go"
        "check what you read" [];
    RESPONSE_SCHEMA_ADDED = "response-schema-added" risky response
        "the body of {subject} has a schema, and fields it does not have are left out" "check what you read" [];
    RESPONSE_MEDIA_TYPE_CHANGED = "response-media-type-changed" breaking response
        "the body is {new} instead of {old}" "read it as {new}"
        ["response-media-type-name-changed" "response-media-type-name-generalized"
         "response-media-type-name-specialized"];
    RESPONSE_MEDIA_TYPE_REMOVED = "response-media-type-removed" breaking response
        "{old} is not answered any more" "ask for another of the media types" ["response-media-type-removed"];
    RESPONSE_MEDIA_TYPE_ADDED = "response-media-type-added" compatible response
        "{new} may be answered, too" "nothing, or state what you accept" ["response-media-type-added"];
    RESPONSE_HEADER_REMOVED = "response-header-removed" breaking response
        "the header {subject} is gone" "do not rely on it"
        ["required-response-header-removed" "optional-response-header-removed"];
    RESPONSE_HEADER_ADDED = "response-header-added" compatible response
        "the header {subject} is new" "nothing" ["response-header-added"];
    RESPONSE_HEADER_BECAME_OPTIONAL = "response-header-became-optional" breaking response
        "the header {subject} may be absent" "expect that" ["response-header-became-optional"];

    RESPONSE_FIELD_REMOVED = "response-field-removed" breaking (risky if "a document, and no service, is compared, and it did not have to be there") response
        "{subject} is gone" "do not read it"
        ["response-required-property-removed" "response-optional-property-removed"
         "response-required-write-only-property-removed" "response-optional-write-only-property-removed"];
    RESPONSE_FIELD_ADDED = "response-field-added" compatible response
        "{subject} is new" "nothing, as long as unknown fields are ignored"
        ["response-required-property-added" "response-optional-property-added"
         "response-required-write-only-property-added" "response-optional-write-only-property-added"];
    RESPONSE_FIELD_BECAME_OPTIONAL = "response-field-became-optional" breaking (risky if "it has a default, which the service still answers") response
        "{subject} need not be there" "expect it to be absent; generated types become optional"
        ["response-property-became-optional" "response-write-only-property-became-optional"];
    RESPONSE_FIELD_BECAME_REQUIRED = "response-field-became-required" compatible response
        "{subject} is always there" "nothing"
        ["response-property-became-required" "response-write-only-property-became-required"];
    RESPONSE_FIELD_RENAMED = "response-field-renamed" breaking response
        "{old} is called {subject}" "read {new}" [];
    RESPONSE_FIELD_DEPRECATED = "response-field-deprecated" compatible response
        "{subject} is deprecated" "plan to stop reading it" ["response-property-deprecated"];
    RESPONSE_FIELD_UNDEPRECATED = "response-field-undeprecated" compatible response
        "{subject} is no longer deprecated" "nothing" ["response-property-reactivated"];
    RESPONSE_FIELD_BECAME_WRITE_ONLY = "response-field-became-write-only" risky response
        "{subject} is not for responses any more" "do not read it"
        ["response-optional-property-became-write-only" "response-required-property-became-write-only"];
    RESPONSE_FIELD_BECAME_READABLE = "response-field-became-readable" compatible response
        "{subject} is answered" "nothing"
        ["response-optional-property-became-not-write-only" "response-required-property-became-not-write-only"];
    RESPONSE_EXTRA_ALLOWED = "response-field-extra-allowed" risky response
        "{subject} may have fields that are not stated" "ignore those you do not know" [];
    RESPONSE_EXTRA_FORBIDDEN = "response-field-extra-forbidden" compatible response
        "{subject} has the stated fields only" "nothing" [];
    RESPONSE_FIELD_EXCLUDED = "response-field-excluded" breaking response
        "{subject} is left out, though the document has it" "do not read it" [];
    RESPONSE_FIELD_INCLUDED = "response-field-no-longer-excluded" compatible response
        "{subject} is no longer left out" "nothing" [];
    RESPONSE_VALUES_DROPPED = "response-values-dropped" breaking response
        "fields {new} are left out" "expect them to be absent" [];
    RESPONSE_VALUES_KEPT = "response-values-kept" compatible response
        "fields {old} are no longer left out" "nothing" [];
    RESPONSE_BY_NAME = "response-alias-use-changed" breaking response
        "fields are answered by {new} instead of {old}, whatever the document says" "read them by {new}" [];
}
