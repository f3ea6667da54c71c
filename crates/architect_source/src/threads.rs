//! Where parallel work runs: on stacks that deeply nested code does not exhaust.

/// Runs `work` where every parallel iterator inside has a thread for each processor, with stacks of that many bytes.
/// Where the system grants no threads of this size, the usual ones do: they are enough for ordinary code.
pub fn in_parallel<T: Send>(stack_bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().stack_size(stack_bytes).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}
