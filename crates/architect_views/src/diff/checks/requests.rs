//! Parameters, and bodies of requests.

use crate::diff::check::{checks, direction, level, otherwise};

checks! {
    PARAMETER_REMOVED = "request-parameter-removed" risky request
        "{subject} is gone" "stop sending it; it has no effect"
        ["request-parameter-removed" "request-parameter-removed-with-deprecation"];
    PARAMETER_ADDED_REQUIRED = "request-parameter-added-required" breaking request
        "{subject} is new and has to be sent" "send it; without it the answer is 422"
        ["new-required-request-parameter" "new-request-path-parameter"];
    PARAMETER_ADDED_OPTIONAL = "request-parameter-added-optional" compatible request
        "{subject} is new and may be left out" "nothing"
        ["new-optional-request-parameter" "new-optional-request-default-parameter-to-existing-path"
         "new-required-request-default-parameter-to-existing-path"];
    PARAMETER_BECAME_REQUIRED = "request-parameter-became-required" breaking request
        "{subject} has to be sent" "send it; without it the answer is 422"
        ["request-parameter-became-required" "request-header-property-became-required"];
    PARAMETER_BECAME_OPTIONAL = "request-parameter-became-optional" compatible request
        "{subject} may be left out" "nothing" ["request-parameter-became-optional"];
    PARAMETER_MOVED = "request-parameter-moved" breaking request
        "{subject} is sent in the {new} instead of the {old}" "send it there" [];
    PARAMETER_RENAMED = "request-parameter-renamed" breaking (risky if "it may be left out") request
        "{old} is called {new}" "send it as {new}" [];
    PARAMETER_SERIALIZATION_CHANGED = "request-parameter-serialization-changed" breaking request
        "{subject} is written as {new} instead of {old}" "write lists and objects in it as stated" [];
    PARAMETER_DEPRECATED = "request-parameter-deprecated" compatible request
        "{subject} is deprecated" "plan to stop sending it" ["request-parameter-deprecated"];
    PARAMETER_UNDEPRECATED = "request-parameter-undeprecated" compatible request
        "{subject} is no longer deprecated" "nothing" ["request-parameter-reactivated"];

    BODY_ADDED_REQUIRED = "request-body-added-required" breaking request
        "a request body has to be sent" "send one; without it the answer is 422" ["request-body-added-required"];
    BODY_ADDED_OPTIONAL = "request-body-added-optional" compatible request
        "a request body may be sent" "nothing" ["request-body-added-optional"];
    BODY_REMOVED = "request-body-removed" risky request
        "the request body is not read any more" "stop sending it; it has no effect" ["request-body-removed"];
    BODY_BECAME_REQUIRED = "request-body-became-required" breaking request
        "the request body has to be sent" "send it; without it the answer is 422" ["request-body-became-required"];
    BODY_BECAME_OPTIONAL = "request-body-became-optional" compatible request
        "the request body may be left out" "nothing" ["request-body-became-optional"];
    BODY_EMBEDDED = "request-body-embedded" breaking request
        "what was the whole body is its field {new}" "send the old body as the value of {new}" [];
    BODY_UNEMBEDDED = "request-body-unembedded" breaking request
        "what was the field {old} is the whole body" "send the value of {old} itself" [];
    REQUEST_MEDIA_TYPE_CHANGED = "request-media-type-changed" breaking request
        "the body is {new} instead of {old}" "send it as {new}" [];
    REQUEST_MEDIA_TYPE_REMOVED = "request-media-type-removed" breaking request
        "bodies of {old} are refused" "send another of the media types" ["request-body-media-type-removed"];
    REQUEST_MEDIA_TYPE_ADDED = "request-media-type-added" compatible request
        "bodies of {new} are accepted" "nothing" ["request-body-media-type-added"];

    REQUEST_FIELD_REMOVED = "request-field-removed" risky (breaking if "fields that are not known are refused") request
        "{subject} is gone" "stop sending it" ["request-property-removed"];
    REQUEST_FIELD_ADDED_REQUIRED = "request-field-added-required" breaking request
        "{subject} is new and has to be sent" "send it; without it the answer is 422"
        ["new-required-request-property" "new-required-request-property-with-default"
         "new-required-request-header-property"];
    REQUEST_FIELD_ADDED_OPTIONAL = "request-field-added-optional" compatible request
        "{subject} is new and may be left out" "nothing" ["new-optional-request-property"];
    REQUEST_FIELD_BECAME_REQUIRED = "request-field-became-required" breaking request
        "{subject} has to be sent" "send it; without it the answer is 422"
        ["request-property-became-required" "request-property-became-required-with-default"];
    REQUEST_FIELD_BECAME_OPTIONAL = "request-field-became-optional" compatible request
        "{subject} may be left out" "nothing" ["request-property-became-optional"];
    REQUEST_FIELD_RENAMED = "request-field-renamed" breaking (risky if "it may be left out") request
        "{old} is called {subject}" "send it as {new}" [];
    REQUEST_FIELD_DEPRECATED = "request-field-deprecated" compatible request
        "{subject} is deprecated" "plan to stop sending it" ["request-property-deprecated"];
    REQUEST_FIELD_UNDEPRECATED = "request-field-undeprecated" compatible request
        "{subject} is no longer deprecated" "nothing" ["request-property-reactivated"];
    REQUEST_FIELD_BECAME_READ_ONLY = "request-field-became-read-only" risky request
        "{subject} is not for requests any more" "stop sending it"
        ["request-optional-property-became-read-only" "request-required-property-became-read-only"];
    REQUEST_FIELD_BECAME_WRITABLE = "request-field-became-writable" compatible request
        "{subject} may be sent" "nothing"
        ["request-optional-property-became-not-read-only" "request-required-property-became-not-read-only"];
    REQUEST_EXTRA_FORBIDDEN = "request-field-extra-forbidden" breaking request
        "{subject} refuses fields it does not know" "send the fields it has and no others" [];
    REQUEST_EXTRA_ALLOWED = "request-field-extra-allowed" compatible request
        "{subject} no longer refuses fields it does not know" "nothing" [];
}
