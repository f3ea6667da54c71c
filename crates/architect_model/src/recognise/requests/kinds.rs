//! Effects as facts.

use architect_python::{ObjectId, Site, Sym};

use super::cost::{change_name, verb};
use super::facts::Collector;
use super::things::{Effect, Entity, Limit, State, Statement, StatementKind, Take};
use crate::requests::{ChosenLimit, EffectKind, LoadFact, QueryFact, ReducedFact};
use crate::tables::ClassKey;

impl Collector<'_, '_, '_> {
    fn mapper_of(&self, statement: &Statement) -> Option<&super::orm::Mapper> {
        statement.entities.iter().find_map(|entity| match entity {
            Entity::Class(class) | Entity::Column(class, _) => self.m.lib.mappers.get(*class),
            _ => None,
        })
    }

    /// Attributes that equal something, where that is all that a statement asks of one class.
    fn looked_up(&self, statement: &Statement) -> Vec<String> {
        let of_one = self.is_of(statement, statement.equals.0) && !statement.grouped;
        let names = statement.equals.1.iter().filter(|_| of_one && statement.kind == StatementKind::Select);
        names.map(|name| self.m.name(*name).to_owned()).collect()
    }

    /// The attribute that rows of one class are ordered by first.
    fn ordered_by(&self, statement: &Statement) -> Option<String> {
        let (class, name) = statement.order?;
        self.is_of(statement, Some(class)).then(|| self.m.name(name).to_owned())
    }

    /// Whether a statement reads a class and nothing else.
    fn is_of(&self, statement: &Statement, class: Option<ObjectId>) -> bool {
        statement.joins == 0
            && statement.entities.iter().all(|entity| match entity {
                Entity::Class(own) | Entity::Column(own, _) => Some(*own) == class,
                Entity::Aggregate => true,
                Entity::Other => false,
            })
    }

    fn points_to_reference_data(&self, class: ObjectId, name: Sym) -> bool {
        let mappers = &self.m.lib.mappers;
        let target = mappers.relation(class, name).and_then(|relation| relation.target);
        target.and_then(|target| mappers.get(target)).is_some_and(|mapper| mapper.is_reference_data)
    }

    /// Whether the query that loaded the rows asks for those with one key: all of them have the same related object.
    fn is_the_same_for_all(&self, class: ObjectId, name: Sym, query: Option<Site>) -> bool {
        let asked = query.and_then(|query| self.m.lib.lookups.get(&query));
        let key = self.m.lib.mappers.relation(class, name).map(|relation| &relation.key);
        asked.zip(key).is_some_and(|(asked, key)| !key.is_empty() && key.iter().all(|column| asked.contains(column)))
    }

    /// An effect as a fact.
    pub(super) fn kind(&self, payload: u32, site: Site) -> Option<EffectKind> {
        Some(match self.effect(payload)? {
            Effect::Query { statement, take, is_async, beside, entity, by_key, joined_collection, .. } => {
                let aggregate = statement.grouped
                    || !statement.entities.is_empty()
                        && statement.entities.iter().all(|entity| matches!(entity, Entity::Aggregate));
                EffectKind::Query(Box::new(QueryFact {
                    entity: entity.clone(),
                    class: statement.entities.iter().find_map(|entity| match entity {
                        Entity::Class(class) | Entity::Column(class, _) => Some(ClassKey(class.0)),
                        _ => None,
                    }),
                    looked_up: self.looked_up(statement),
                    ordered_by: self.ordered_by(statement),
                    verb: verb(statement.kind),
                    all: *take == Take::All,
                    limited: statement.limit != Limit::None,
                    chosen_limit: match statement.limit {
                        Limit::Chosen { by, off } => Some(ChosenLimit {
                            owner: self.m.name(by.owner).to_owned(),
                            parameter: self.m.name(by.name).to_owned(),
                            off,
                        }),
                        _ => None,
                    },
                    offset: statement.offset,
                    paged: statement.paged.map(|site| self.location(site)),
                    built: statement.built.map(|site| self.m.ev.program.module(site.module).last_step(site.range)),
                    ordered: statement.ordered,
                    ordered_by_condition: statement.ordered_by_condition,
                    ordered_on_request: false,
                    takes_first: false,
                    locked: statement.locked,
                    filtered: statement.filtered,
                    conditions: statement.conditions,
                    maybe_one: statement.maybe_one,
                    unique: statement.unique,
                    parent: statement.parent,
                    narrowed_root: statement.of_root && statement.narrowed,
                    listed: statement.listed,
                    window: statement.window,
                    doubtful: statement.doubtful,
                    aggregate,
                    streamed: statement.streamed,
                    objects: statement.entities.iter().any(|entity| matches!(entity, Entity::Class(_))),
                    is_async: *is_async,
                    children: self.mapper_of(statement).map_or(0, |mapper| mapper.children),
                    parents: self.mapper_of(statement).map_or(0, |mapper| mapper.parents.len()),
                    grows_with_use: self.mapper_of(statement).is_some_and(|mapper| mapper.grows_with_use),
                    is_reference_data: self.mapper_of(statement).is_some_and(|mapper| mapper.is_reference_data),
                    by_key: *by_key,
                    joined_collection: joined_collection.is_some(),
                    multiplied: statement
                        .multiplied
                        .filter(|_| !statement.distinct && !statement.grouped && statement.limit != Limit::Known(1))
                        .map(|(class, narrowed)| (super::rows::class_name(self.m, class), narrowed)),
                    beside: beside
                        .iter()
                        .map(|(class, name)| {
                            format!("{}.{}", super::rows::class_name(self.m, *class), self.m.name(*name))
                        })
                        .collect(),
                }))
            }
            Effect::Lazy {
                class,
                name,
                many,
                many_to_one,
                is_async,
                state,
                query,
                serialised,
                cascade,
                entity,
                ..
            } => EffectKind::Load(LoadFact {
                few: *many_to_one
                    && (self.points_to_reference_data(*class, *name)
                        || self.is_the_same_for_all(*class, *name, *query)),
                cascade: *cascade,
                elsewhere: *is_async == Some(true) && self.loaded_elsewhere(*class, *name),
                what: entity.clone(),
                relationship: true,
                many: *many,
                many_to_one: *many_to_one,
                is_async: *is_async,
                expired: *state == State::Expired,
                detached: *state == State::Detached,
                serialised: *serialised,
                assumed: *state == State::Assumed,
                handed_in_loaded: *state == State::Assumed && self.m.lib.eager.contains(&(*class, *name)),
                query: query.map(|site| self.location(site)),
            }),
            Effect::Refresh { class, name, is_async, deferred, detached, serialised, .. } => {
                EffectKind::Load(LoadFact {
                    few: false,
                    cascade: false,
                    what: format!("{}.{}", super::rows::class_name(self.m, *class), self.m.name(*name)),
                    relationship: false,
                    many: false,
                    many_to_one: false,
                    is_async: *is_async,
                    expired: !deferred,
                    detached: *detached,
                    serialised: *serialised,
                    assumed: false,
                    handed_in_loaded: false,
                    elsewhere: false,
                    query: None,
                })
            }
            Effect::Write { class, change, .. } => EffectKind::Write {
                class: class.map(|class| super::rows::class_name(self.m, class)).unwrap_or_default(),
                change: change_name(*change),
            },
            Effect::Commit { .. } => EffectKind::Commit,
            Effect::Rollback { .. } => EffectKind::Rollback,
            Effect::Open { managed, is_async, .. } => EffectKind::Open { managed: *managed, is_async: *is_async },
            Effect::Close { .. } => EffectKind::Close,
            Effect::Blocking { what, wait } => {
                EffectKind::Blocking { what: self.m.name(*what).to_owned(), wait: *wait }
            }
            Effect::Tested { class, query } => {
                EffectKind::Tested { class: super::rows::class_name(self.m, *class), query: self.location(*query) }
            }
            Effect::Counted { class, query, whether } => EffectKind::Counted {
                class: super::rows::class_name(self.m, *class),
                query: self.location(*query),
                whether: *whether,
            },
            Effect::Product { first, second, by_options, sometimes, many } => {
                let named = |(class, name): &(ObjectId, Sym)| {
                    format!("{}.{}", super::rows::class_name(self.m, *class), self.m.name(*name))
                };
                let (first, second) = (named(first), named(second));
                EffectKind::Product { first, second, by_options: *by_options, sometimes: *sometimes, many: *many }
            }
            Effect::Reduced { class, query, how, attributes, amount, open } => EffectKind::Reduced(ReducedFact {
                class: super::rows::class_name(self.m, *class),
                query: self.location(*query),
                how: *how,
                attributes: attributes.iter().map(|name| self.m.name(*name).to_owned()).collect(),
                amount: *amount,
                open: *open,
            }),
            Effect::NotUnique { joined: (class, name), method } => {
                let method = method.map(|method| self.m.name(method).to_owned());
                EffectKind::NotUnique {
                    edit: super::results::unique_edit(self.m, site, method.as_deref()),
                    collection: format!("{}.{}", super::rows::class_name(self.m, *class), self.m.name(*name)),
                    method,
                }
            }
            Effect::Decided { decision } => EffectKind::ColumnTest(super::decisions::fact(self.m, *decision)?),
            Effect::Concurrent => EffectKind::Concurrent,
            Effect::Stream { open } => EffectKind::Stream { open: *open },
            Effect::SetOnSession { name } => EffectKind::SetOnSession { name: self.m.name(*name).to_owned() },
            Effect::Managed { .. }
            | Effect::Block
            | Effect::Flush
            | Effect::MayCommit
            | Effect::Inserted { .. }
            | Effect::Rewritten { .. }
            | Effect::Missing { .. }
            | Effect::Outside { .. } => return None,
            Effect::NotAwaited { what } => EffectKind::NotAwaited { what: what.clone() },
            // What is waited for ends before the request does.
            Effect::Spawn { background: false, .. } if self.m.lib.joined.contains(&site) => return None,
            Effect::Spawn { background, given } => EffectKind::Spawn { background: *background, given: given.clone() },
        })
    }
}
