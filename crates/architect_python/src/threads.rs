//! Where parsing and evaluation run: on stacks that deeply nested code does not exhaust.

/// Stack of a thread that parses: room for the deepest tree that [`crate::parse()`] keeps, in debug builds as well.
const PARSER_STACK: usize = 64 * 1024 * 1024;

/// Runs `work` where every parallel iterator inside has threads with large stacks.
pub(crate) fn in_parallel<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().stack_size(PARSER_STACK).build() {
        Ok(pool) => pool.install(work),
        // The system grants no threads of this size: the usual ones do for ordinary code.
        Err(_) => work(),
    }
}
