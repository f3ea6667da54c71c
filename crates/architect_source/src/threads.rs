//! Where parallel work runs: on stacks that deeply nested code does not exhaust.

/// Runs `work` where every parallel iterator inside has a thread for each processor, with stacks of that many bytes.
/// Where the system grants no threads of this size, the usual ones do: they are enough for ordinary code.
pub fn in_parallel<T: Send>(stack_bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    run(rayon::ThreadPoolBuilder::new().stack_size(stack_bytes), work)
}

/// The same beside something else that goes on meanwhile, which keeps a processor for itself.
pub fn in_parallel_beside<T: Send>(stack_bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    let others = rayon::current_num_threads().saturating_sub(1).max(1);
    run(rayon::ThreadPoolBuilder::new().stack_size(stack_bytes).num_threads(others), work)
}

fn run<T: Send>(pool: rayon::ThreadPoolBuilder, work: impl FnOnce() -> T + Send) -> T {
    match pool.build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}
