//! `debug-parse`: parsing alone, which `cargo xtask bench` compares an analysis with.

use std::path::PathBuf;

use architect_python::parse_only;
use architect_source::{FileSystem as _, OsFileSystem};

use crate::args::{DebugParse, Global};
use crate::{Outcome, context};

/// Parses and prints how much that was.
///
/// # Errors
/// When there is nothing to parse at the given place.
pub fn run(options: &DebugParse, global: &Global) -> Result<Outcome, String> {
    let files = OsFileSystem;
    let paths = match &options.files_from {
        Some(list) => {
            let bytes = files.read(list).map_err(|error| format!("--files-from {}: {error}", list.display()))?;
            String::from_utf8_lossy(&bytes).lines().map(PathBuf::from).collect()
        }
        None => {
            context::check_folder(&files, &options.folder)?;
            files.python_files(&options.folder)
        }
    };
    let volume = parse_only(&files, paths);
    let text = format!(
        "{} files, {} lines, {} bytes, {} do not parse\n",
        volume.files, volume.lines, volume.bytes, volume.broken
    );
    context::print(&text, global)?;
    Ok(Outcome::Clean)
}
