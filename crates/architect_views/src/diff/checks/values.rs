//! Values: types, formats, constraints, enumerations, defaults, variants.

use crate::diff::check::{direction, families, level};

families! {
    TYPE_CHANGED = "type-changed" breaking breaking
        "{subject} is {new} instead of {old}"
        "send {new}" "read {new}"
        ["request-parameter-type-changed"]
        ["request-property-type-changed" "request-body-type-changed" "request-parameter-property-type-changed"]
        ["response-property-type-changed" "response-body-type-changed" "response-header-type-changed"];
    TYPE_NARROWED = "type-narrowed" breaking compatible
        "{subject} is {new} only, and {old} before"
        "send {new}" "nothing"
        ["request-parameter-list-of-types-narrowed" "request-parameter-property-type-specialized"
         "request-parameter-property-list-of-types-narrowed"]
        ["request-property-list-of-types-narrowed" "request-body-list-of-types-narrowed"
         "request-body-media-type-schema-added"
         "request-property-any-of-removed" "request-body-any-of-removed" "request-property-one-of-removed"
         "request-body-one-of-removed"]
        ["response-property-list-of-types-narrowed" "response-body-list-of-types-narrowed"
         "response-property-type-specialized" "response-body-type-specialized" "response-property-any-of-removed"
         "response-body-any-of-removed" "response-property-one-of-removed" "response-body-one-of-removed"
         "response-header-type-specialized"];
    TYPE_WIDENED = "type-widened" compatible risky
        "{subject} may be {new}, and {old} before"
        "nothing" "expect {new}"
        ["request-parameter-list-of-types-widened" "request-parameter-type-generalized"
         "request-parameter-property-type-generalized" "request-parameter-property-list-of-types-widened"]
        ["request-property-list-of-types-widened" "request-body-list-of-types-widened"
         "request-body-media-type-schema-removed"
         "request-property-type-generalized" "request-body-type-generalized" "request-property-type-compatible"
         "request-body-type-compatible" "request-property-any-of-added" "request-body-any-of-added"
         "request-property-one-of-added" "request-body-one-of-added"]
        ["response-property-list-of-types-widened" "response-body-list-of-types-widened"
         "response-property-type-generalized" "response-body-type-generalized" "response-property-type-compatible"
         "response-body-type-compatible" "response-property-any-of-added" "response-body-any-of-added"
         "response-property-one-of-added" "response-body-one-of-added" "response-header-type-generalized"
         "response-header-type-compatible"];
    VARIANT_REMOVED = "variant-removed" breaking compatible
        "{subject} is no {old} any more"
        "send another of its variants" "nothing"
        [] [] [];
    VARIANT_ADDED = "variant-added" compatible risky
        "{subject} may be {new}, too"
        "nothing" "handle what you do not know, or {new}"
        [] ["request-body-wrapped-in-one-of"] ["response-body-wrapped-in-one-of"];
    FORMAT_CHANGED = "format-changed" breaking breaking
        "{subject} has the format {new} instead of {old}"
        "send the new format" "read the new format"
        [] [] [];
    FORMAT_ADDED = "format-added" breaking compatible
        "{subject} has to be a valid {new}"
        "send valid values; others are answered 422" "nothing"
        [] [] [];
    FORMAT_REMOVED = "format-removed" compatible risky
        "{subject} need not be a valid {old}"
        "nothing" "do not rely on the format"
        [] [] [];
    ENCODING_CHANGED = "encoding-changed" breaking breaking
        "{subject} is encoded as {new} instead of {old}"
        "encode it as stated" "decode it as stated"
        []
        ["request-property-content-encoding-changed" "request-body-content-encoding-changed"
         "request-property-content-media-type-changed" "request-body-content-media-type-changed"]
        ["response-property-content-encoding-changed" "response-body-content-encoding-changed"
         "response-property-content-media-type-changed" "response-body-content-media-type-changed"];
    BECAME_NOT_NULLABLE = "became-not-nullable" breaking compatible
        "{subject} cannot be null"
        "send a value" "nothing"
        ["request-parameter-became-not-nullable" "request-parameter-property-became-not-nullable"]
        ["request-property-became-not-nullable" "request-body-became-not-nullable"]
        ["response-property-became-not-nullable" "response-body-became-not-nullable"
         "response-header-became-not-nullable"];
    BECAME_NULLABLE = "became-nullable" compatible breaking
        "{subject} may be null"
        "nothing" "expect null"
        ["request-parameter-became-nullable" "request-parameter-property-became-nullable"]
        ["request-property-became-nullable" "request-body-became-nullable"]
        ["response-property-became-nullable" "response-body-became-nullable" "response-header-became-nullable"];
    ENUM_VALUE_REMOVED = "enum-value-removed" breaking compatible
        "{subject} cannot be {old} any more"
        "send another value" "nothing; the value does not come any more"
        ["request-parameter-enum-value-removed" "request-parameter-property-enum-value-removed"]
        ["request-property-enum-value-removed" "request-body-enum-value-removed" "request-property-const-changed"
         "request-body-const-changed"]
        ["response-property-enum-value-removed" "response-property-const-changed" "response-body-const-changed"
         "response-mediatype-enum-value-removed"];
    ENUM_VALUE_ADDED = "enum-value-added" compatible risky
        "{subject} may be {new}, too"
        "nothing" "handle {new}; closed enumerations of generated clients refuse it"
        ["request-parameter-enum-value-added" "request-parameter-property-enum-value-added"]
        ["request-property-enum-value-added"]
        ["response-property-enum-value-added"];
    BECAME_ENUM = "became-enum" breaking compatible
        "{subject} is one of {new}"
        "send one of them" "nothing"
        ["request-parameter-became-enum"]
        ["request-property-became-enum" "request-body-became-enum" "request-property-const-added"
         "request-body-const-added" "request-header-property-became-enum"]
        ["response-property-const-added" "response-body-const-added"];
    ENUM_DROPPED = "enum-dropped" compatible risky
        "{subject} may be any value, and was one of {old}"
        "nothing" "handle values you do not know"
        []
        ["request-property-const-removed" "request-body-const-removed"]
        ["response-property-const-removed" "response-body-const-removed"];
    MAXIMUM_LOWERED = "maximum-lowered" breaking compatible
        "{subject} is {new}, and {old} before"
        "send no larger values" "nothing"
        ["request-parameter-max-decreased" "request-parameter-max-set" "request-parameter-exclusive-max-decreased"
         "request-parameter-exclusive-max-set"]
        ["request-property-max-decreased" "request-body-max-decreased" "request-property-max-set"
         "request-body-max-set" "request-property-exclusive-max-decreased" "request-body-exclusive-max-decreased"
         "request-property-exclusive-max-set" "request-body-exclusive-max-set"]
        [];
    MAXIMUM_RAISED = "maximum-raised" compatible risky
        "{subject} is {new}, and {old} before"
        "nothing" "expect larger values"
        ["request-parameter-max-increased" "request-parameter-exclusive-max-increased"]
        ["request-property-max-increased" "request-body-max-increased" "request-property-exclusive-max-increased"
         "request-body-exclusive-max-increased"]
        ["response-property-max-increased" "response-body-max-increased" "response-property-exclusive-max-increased"
         "response-body-exclusive-max-increased"];
    MINIMUM_RAISED = "minimum-raised" breaking compatible
        "{subject} is {new}, and {old} before"
        "send no smaller values" "nothing"
        ["request-parameter-min-increased" "request-parameter-min-set" "request-parameter-exclusive-min-increased"
         "request-parameter-exclusive-min-set"]
        ["request-property-min-increased" "request-body-min-increased" "request-property-min-set"
         "request-body-min-set" "request-property-exclusive-min-increased" "request-body-exclusive-min-increased"
         "request-property-exclusive-min-set" "request-body-exclusive-min-set"]
        [];
    MINIMUM_LOWERED = "minimum-lowered" compatible risky
        "{subject} is {new}, and {old} before"
        "nothing" "expect smaller values"
        ["request-parameter-min-decreased" "request-parameter-exclusive-min-decreased"]
        ["request-property-min-decreased" "request-body-min-decreased" "request-property-exclusive-min-decreased"
         "request-body-exclusive-min-decreased"]
        ["response-property-min-decreased" "response-body-min-decreased" "response-property-exclusive-min-decreased"
         "response-body-exclusive-min-decreased"];
    MULTIPLE_CHANGED = "multiple-changed" breaking risky
        "{subject} is a multiple of {new}; before, of {old}"
        "send multiples of {new}" "expect other values"
        [] [] [];
    MULTIPLE_DROPPED = "multiple-dropped" compatible risky
        "{subject} need not be a multiple of {old}"
        "nothing" "expect other values"
        [] [] [];
    MAX_LENGTH_DECREASED = "max-length-decreased" breaking compatible
        "{subject} has {new}, and {old} before"
        "send no more" "nothing"
        ["request-parameter-max-length-decreased" "request-parameter-max-length-set"]
        ["request-property-max-length-decreased" "request-body-max-length-decreased"
         "request-property-max-length-set" "request-body-max-length-set"]
        [];
    MAX_LENGTH_INCREASED = "max-length-increased" compatible risky
        "{subject} has {new}, and {old} before"
        "nothing" "expect more; check the columns you store it in"
        ["request-parameter-max-length-increased"]
        ["request-property-max-length-increased" "request-body-max-length-increased"]
        ["response-property-max-length-increased" "response-body-max-length-increased"
         "response-property-max-length-unset" "response-body-max-length-unset"];
    MIN_LENGTH_INCREASED = "min-length-increased" breaking compatible
        "{subject} has {new}, and {old} before"
        "send no fewer" "nothing"
        ["request-parameter-min-length-increased"]
        ["request-property-min-length-increased" "request-body-min-length-increased"]
        [];
    MIN_LENGTH_DECREASED = "min-length-decreased" compatible risky
        "{subject} has {new}, and {old} before"
        "nothing" "expect fewer, maybe none"
        ["request-parameter-min-length-decreased"]
        ["request-property-min-length-decreased" "request-body-min-length-decreased"]
        ["response-property-min-length-decreased" "response-body-min-length-decreased"];
    PATTERN_ADDED = "pattern-added" breaking compatible
        "{subject} has to match {new}"
        "send values that match" "nothing"
        ["request-parameter-pattern-added"] ["request-property-pattern-added"] ["response-property-pattern-added"];
    PATTERN_CHANGED = "pattern-changed" breaking risky
        "{subject} has to match {new} instead of {old}"
        "send values that match" "expect other values"
        ["request-parameter-pattern-changed" "request-parameter-pattern-generalized"]
        ["request-property-pattern-changed" "request-property-pattern-generalized"]
        ["response-property-pattern-changed"];
    PATTERN_REMOVED = "pattern-removed" compatible risky
        "{subject} need not match {old}"
        "nothing" "expect other values"
        ["request-parameter-pattern-removed"]
        ["request-property-pattern-removed"]
        ["response-property-pattern-removed"];
    MAX_ITEMS_DECREASED = "max-items-decreased" breaking compatible
        "{subject} has {new}, and {old} before"
        "send no more" "nothing"
        ["request-parameter-max-items-decreased"] [] [];
    MAX_ITEMS_INCREASED = "max-items-increased" compatible risky
        "{subject} has {new}, and {old} before"
        "nothing" "expect more"
        ["request-parameter-max-items-increased"] [] [];
    MIN_ITEMS_INCREASED = "min-items-increased" breaking compatible
        "{subject} has {new}, and {old} before"
        "send no fewer" "nothing"
        ["request-parameter-min-items-increased" "request-parameter-min-items-set"]
        ["request-property-min-items-increased" "request-body-min-items-increased" "request-property-min-items-set"
         "request-body-min-items-set"]
        [];
    MIN_ITEMS_DECREASED = "min-items-decreased" compatible risky
        "{subject} has {new}, and {old} before"
        "nothing" "expect fewer, maybe none"
        ["request-parameter-min-items-decreased"]
        []
        ["response-property-min-items-decreased" "response-body-min-items-decreased"
         "response-property-min-items-unset" "response-body-min-items-unset"];
    UNIQUE_ITEMS_ASKED = "unique-items-asked" breaking compatible
        "{subject} has no item twice"
        "send none twice" "nothing"
        [] [] [];
    UNIQUE_ITEMS_DROPPED = "unique-items-dropped" compatible risky
        "{subject} may have an item twice"
        "nothing" "expect that"
        [] [] [];
    MAX_PROPERTIES_DECREASED = "max-properties-decreased" breaking compatible
        "{subject} has {new}, and {old} before"
        "send no more" "nothing"
        [] [] [];
    MAX_PROPERTIES_INCREASED = "max-properties-increased" compatible risky
        "{subject} has {new}, and {old} before"
        "nothing" "expect more"
        [] [] [];
    MIN_PROPERTIES_INCREASED = "min-properties-increased" breaking compatible
        "{subject} has {new}, and {old} before"
        "send no fewer" "nothing"
        [] [] [];
    MIN_PROPERTIES_DECREASED = "min-properties-decreased" compatible risky
        "{subject} has {new}, and {old} before"
        "nothing" "expect fewer, maybe none"
        [] [] [];
    DEFAULT_CHANGED = "default-changed" risky compatible
        "{subject} is {new} by default, and {old} before"
        "send {old}, if you rely on it" "nothing"
        ["request-parameter-default-value-changed"]
        ["request-property-default-value-changed" "request-body-default-value-changed"]
        ["response-property-default-value-changed" "response-body-default-value-changed"];
    DEFAULT_ADDED = "default-added" risky compatible
        "{subject} is {new} by default"
        "check that leaving it out still means what you want" "nothing"
        ["request-parameter-default-value-added"]
        ["request-property-default-value-added" "request-body-default-value-added"]
        ["response-property-default-value-added" "response-body-default-value-added"];
    DEFAULT_REMOVED = "default-removed" risky compatible
        "{subject} is no longer {old} by default"
        "send {old}, if you rely on it" "nothing"
        ["request-parameter-default-value-removed"]
        ["request-property-default-value-removed" "request-body-default-value-removed"]
        ["response-property-default-value-removed" "response-body-default-value-removed"];
    DISCRIMINATOR_CHANGED = "discriminator-changed" breaking breaking
        "the variants of {subject} are told apart by {new} instead of {old}"
        "send {new}" "read {new}"
        []
        ["request-property-discriminator-property-name-changed" "request-body-discriminator-property-name-changed"]
        ["response-property-discriminator-property-name-changed" "response-body-discriminator-property-name-changed"];
    DISCRIMINATOR_ADDED = "discriminator-added" risky compatible
        "the variants of {subject} are told apart by {new}"
        "send {new} with every variant" "nothing"
        []
        ["request-property-discriminator-added" "request-body-discriminator-added"]
        ["response-property-discriminator-added" "response-body-discriminator-added"];
    DISCRIMINATOR_REMOVED = "discriminator-removed" compatible risky
        "the variants of {subject} are no longer told apart by {old}"
        "nothing" "find another way to tell them apart"
        []
        ["request-property-discriminator-removed" "request-body-discriminator-removed"]
        ["response-property-discriminator-removed" "response-body-discriminator-removed"];
}
