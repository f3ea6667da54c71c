//! Files, positions, findings and edits: what every other crate speaks of.
//!
//! Invariants: this crate knows nothing of Python, and it is the only one that touches the disk, the environment or
//! the clock.

mod dotenv;
mod finding;
mod fs;
mod location;
mod process;

pub use dotenv::parse_dotenv;
pub use finding::{Confidence, Finding, Severity, Step, Unknown, fingerprint};
pub use fs::{
    FileKind, FileSystem, MAX_FILE_BYTES, MemoryFileSystem, OsFileSystem, PythonFiles, read_named, reason, write_file,
};
pub use location::{LineIndex, Location};
pub use process::{Stopwatch, peak_memory, process_environment};
