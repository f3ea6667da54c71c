//! What requests ask of the database, and how often.

use crate::Rule;

mod cartesian_eager_load;
mod collection_join_with_limit;
mod count_by_loading;
mod foreign_key_without_index;
mod joined_collection_without_unique;
mod n_plus_one_lazy_load;
mod pagination_without_order;
mod python_boolean_in_filter;
mod python_side_aggregation;
mod query_in_loop;
mod response_lazy_load;
mod unbounded_query;
mod uncapped_limit_param;
mod unindexed_filter_or_order;
mod write_per_row;

/// The rules of this group.
pub(super) static RULES: &[&Rule] = &[
    &response_lazy_load::RULE,
    &n_plus_one_lazy_load::RULE,
    &query_in_loop::RULE,
    &unbounded_query::RULE,
    &uncapped_limit_param::RULE,
    &pagination_without_order::RULE,
    &write_per_row::RULE,
    &foreign_key_without_index::RULE,
    &unindexed_filter_or_order::RULE,
    &python_boolean_in_filter::RULE,
    &collection_join_with_limit::RULE,
    &count_by_loading::RULE,
    &python_side_aggregation::RULE,
    &joined_collection_without_unique::RULE,
    &cartesian_eager_load::RULE,
];
