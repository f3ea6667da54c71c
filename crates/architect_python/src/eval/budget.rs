//! What evaluation may cost: steps, memory, stack, and the size of values.
//!
//! The code under review may be hostile, and code that means no harm may build tables of a million rows. Everything
//! that takes time or memory in proportion to a value is charged in steps here; where they are used up, the statement
//! has no result, its place is an unknown, and the next statement goes on.

use std::cell::Cell;
use std::mem::size_of;

use super::{Env, Eval, Evaluator, FUEL, Flow, STATEMENT_FUEL};
use crate::value::{Object, Value};

/// Characters of a text at most; longer ones are unknown.
pub(crate) const MAX_TEXT: usize = 1 << 20;
/// Values inside a value that cannot change (tuples, types, alternatives) at most, however deep.
const MAX_TREE: u32 = 20_000;
/// Steps of one comparison at most.
pub(crate) const MAX_COMPARISON: u32 = 20_000;
/// Bytes of values that cost nothing beside the steps that make them. Each module has a share of them; beyond that,
/// the memory it takes costs steps as well, so that large tables are paid by what makes them and not by what follows.
const FREE_BYTES: u64 = 256 << 20;
/// Bytes that any module gets, whatever those before it took.
const LEAST_BYTES: u64 = 8 << 20;
/// Bytes of all values beyond which everything costs steps.
const MOST_BYTES: u64 = 512 << 20;
/// Bytes for one step, where they cost any.
const BYTES_PER_STEP: u64 = 8;
/// Stack that evaluation may use.
const STACK: usize = 160 << 20;
/// Stack that is left to what does not count.
const STACK_RESERVE: usize = 512 << 10;
/// Steps that any statement of a module gets, whatever those before it took.
const LEAST_FUEL: u64 = 20_000;
/// A module may take this part of the steps that are left, so that one of them cannot take everything from all others.
const SHARE: u64 = 4;
/// The same of memory that costs nothing.
const MEMORY_SHARE: u64 = 2;
/// The same for one name of a package of the environment, or one call into it.
const ABROAD_SHARE: u64 = 16;

/// The books.
#[derive(Debug)]
pub(super) struct Limits {
    /// Where the stack must not reach; it grows downwards.
    floor: usize,
    /// Steps taken where the machine could not be changed.
    work: Cell<u64>,
    /// Bytes of values.
    bytes: u64,
    /// What is left to the module that runs.
    share: Share,
    /// Texts of values inside texts of values.
    pub nesting: u32,
}

/// What a module may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    steps: u64,
    /// Memory that costs nothing.
    bytes: u64,
}

impl Limits {
    /// Limits for evaluation on this thread, from here on.
    pub fn new() -> Self {
        let left = stacker::remaining_stack().unwrap_or(STACK_RESERVE * 2);
        let floor = stack_pointer().saturating_sub(left.saturating_sub(STACK_RESERVE).min(STACK));
        Self {
            floor,
            work: Cell::new(0),
            bytes: 0,
            share: Share { steps: FUEL, bytes: FREE_BYTES / MEMORY_SHARE },
            nesting: 0,
        }
    }
}

/// About where the stack ends now.
#[inline]
fn stack_pointer() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

impl Evaluator<'_> {
    /// Takes a step, if one is left and there is stack for it.
    #[inline]
    pub(crate) fn burn(&mut self) -> Eval<()> {
        let work = self.limits.work.take();
        if work > 0 {
            self.spend(work);
        }
        if self.fuel == 0 || self.total == 0 || stack_pointer() < self.limits.floor {
            return Err(Flow::Exhausted);
        }
        self.fuel -= 1;
        self.total -= 1;
        Ok(())
    }

    fn spend(&mut self, steps: u64) {
        self.fuel = self.fuel.saturating_sub(steps);
        self.total = self.total.saturating_sub(steps);
    }

    /// Pays for work on `steps` parts of a value.
    pub(crate) fn charge(&mut self, steps: usize) {
        self.spend(steps as u64);
    }

    /// Pays for work on `steps` parts of a value with the next step.
    pub(crate) fn charge_later(&self, steps: usize) {
        self.limits.work.set(self.limits.work.get().saturating_add(steps as u64));
    }

    /// Pays for memory.
    pub(crate) fn weigh(&mut self, bytes: usize) {
        let bytes = bytes as u64;
        self.limits.bytes += bytes;
        let free = bytes.min(self.limits.share.bytes);
        self.limits.share.bytes -= free;
        if self.limits.bytes > MOST_BYTES {
            self.spend(bytes / BYTES_PER_STEP);
        } else if free < bytes {
            self.spend((bytes - free) / BYTES_PER_STEP);
        }
    }

    pub(super) fn weigh_env(&mut self) {
        self.weigh(size_of::<Env>());
    }

    /// Pays for a new object and gives the number of values that hang on it and cannot change; `None` when those are
    /// too many to be walked.
    pub(super) fn admit(&mut self, object: &Object<'_>) -> Option<u32> {
        let own = size_of::<Object<'_>>();
        let (size, count, each) = match object {
            Object::Tuple(items) | Object::Union(items) | Object::Alternatives(items) => {
                (self.tree(items), items.len(), size_of::<Value>())
            }
            Object::Generic { origin, args } => {
                (self.tree(args).saturating_add(self.tree(&[*origin])), args.len(), size_of::<Value>())
            }
            Object::List(items, _) => (1, items.len(), size_of::<Value>()),
            // A key, its hash, its place in the index, and what it maps to.
            Object::Dict(data) | Object::Set(data) => (1, data.items.len() * 4, 20),
            Object::Bytes(bytes) => (1, bytes.len(), 1),
            Object::Instance { attrs, .. } => (1, attrs.len(), 40),
            _ => (1, 0, 0),
        };
        self.charge(count / 8);
        self.weigh(own + count * each);
        (size <= MAX_TREE).then_some(size)
    }

    fn tree(&self, parts: &[Value]) -> u32 {
        parts.iter().fold(1, |sum: u32, part| {
            let size = match part {
                Value::Obj(id) => self.sizes.get(id.0 as usize).copied().unwrap_or(1),
                _ => 1,
            };
            sum.saturating_add(size)
        })
    }

    /// Parts of a container.
    pub(crate) fn length(&self, value: Value) -> usize {
        match self.obj(value) {
            Some(Object::List(items, _) | Object::Tuple(items)) => items.len(),
            Some(Object::Dict(data) | Object::Set(data)) => data.items.len(),
            _ => 0,
        }
    }

    // --------------------------------------------------------------- modules

    /// Gives a module its share and hands back what the one that imports it has left.
    pub(super) fn open_share(&mut self) -> Share {
        let share = Share { steps: self.total / SHARE, bytes: self.free_bytes(MEMORY_SHARE) };
        std::mem::replace(&mut self.limits.share, share)
    }

    /// A part of the memory that costs nothing.
    fn free_bytes(&self, part: u64) -> u64 {
        (FREE_BYTES.saturating_sub(self.limits.bytes) / part).max(LEAST_BYTES)
    }

    /// The program has run: what is asked of it from here on has steps of its own, however many that took.
    pub fn run_is_over(&mut self) {
        self.spent |= self.total == 0;
        self.total = self.total.max(FUEL / 2);
        self.limits.share.bytes = self.free_bytes(MEMORY_SHARE);
    }

    /// Gives what is found out about a package of the environment memory of its own, and hands back what the module that
    /// runs has left.
    pub(super) fn open_memory(&mut self) -> u64 {
        let bytes = self.free_bytes(ABROAD_SHARE);
        std::mem::replace(&mut self.limits.share.bytes, bytes)
    }

    /// The module that runs goes on.
    pub(super) fn close_memory(&mut self, outer: u64) {
        self.limits.share.bytes = outer;
    }

    /// Gives the next statement of the module its budget.
    pub(super) fn grant(&mut self) -> u64 {
        self.fuel = (self.limits.share.steps / 2).clamp(LEAST_FUEL, STATEMENT_FUEL);
        self.fuel
    }

    /// Takes what the statement used of `granted` from the share of the module.
    pub(super) fn settle(&mut self, granted: u64) {
        let used = granted.saturating_sub(self.fuel);
        self.limits.share.steps = self.limits.share.steps.saturating_sub(used);
    }

    /// The importing module goes on.
    pub(super) fn close_share(&mut self, outer: Share) {
        self.limits.share = outer;
    }
}
