//! Files, positions, findings and edits: what every other crate speaks of.
//!
//! Invariants: this crate knows nothing of Python, and it is the only one that touches the disk, the environment or
//! the clock.

mod dotenv;
mod finding;
mod fs;
pub mod git;
mod location;
mod process;
mod threads;

pub use dotenv::parse_dotenv;
pub use finding::{
    Applicability, Confidence, Edit, Finding, Fix, Severity, Step, Unknown, base64_of_sha256, fingerprint,
};
pub use fs::{
    FileKind, FileSystem, MAX_FILE_BYTES, MemoryFileSystem, OsFileSystem, Overlay, PythonFiles, create_file,
    read_named, reason, replace_files, write_file, write_folder,
};
pub use location::{LineIndex, Location};
pub use process::{Stopwatch, output_of, peak_memory, process_environment};
pub use threads::{in_parallel, in_parallel_beside};
