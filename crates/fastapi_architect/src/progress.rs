//! What a long run is doing, on standard error, for who watches it on a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use architect_model::Stage;
use architect_source::process_environment;

use crate::args::Global;

const TICK: Duration = Duration::from_millis(100);
/// Ticks before anything is shown: most runs end before a person could read it.
const PATIENCE: u32 = 5;
const FRAMES: [char; 4] = ['|', '/', '-', '\\'];
const CLEAR: &str = "\r\x1b[2K";

/// The process does one analysis.
static STAGE: AtomicU8 = AtomicU8::new(0);

/// Shows what goes on until it is dropped.
pub struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

/// Tells who watches that the analysis has come to a stage.
pub fn reached(stage: Stage) {
    STAGE.store(stage as u8, Ordering::Relaxed);
}

/// Starts to show what goes on, where somebody watches.
pub fn show(global: &Global) -> Progress {
    let dumb = process_environment("TERM").is_some_and(|term| term == "dumb");
    if global.quiet || dumb || !io::stderr().is_terminal() {
        return Progress(None);
    }
    let (done, waiting) = channel();
    let worker = std::thread::spawn(move || {
        let mut ticks = 0;
        while waiting.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            ticks += 1;
            if ticks >= PATIENCE {
                put(&format!("{CLEAR}{}", line(ticks, STAGE.load(Ordering::Relaxed))));
            }
        }
        if ticks >= PATIENCE {
            put(CLEAR);
        }
    });
    Progress(Some((done, worker)))
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, worker)) = self.0.take() {
            drop(done);
            // Whatever is printed next must not be cleared away. A worker that panicked has said so.
            let _ = worker.join();
        }
    }
}

fn line(ticks: u32, stage: u8) -> String {
    let doing = match stage {
        0 => "reading files",
        1 => "following what the program builds",
        _ => "reading the routes",
    };
    let frame = FRAMES[ticks as usize % FRAMES.len()];
    format!("{frame} {doing} ({} s)", ticks / 10)
}

fn put(text: &str) {
    let mut err = io::stderr().lock();
    // Nobody can be told that standard error is gone.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_and_how_long() {
        assert_eq!(line(12, Stage::Reading as u8), "| reading files (1 s)");
        assert_eq!(line(25, Stage::Running as u8), "/ following what the program builds (2 s)");
        assert_eq!(line(26, Stage::Recognising as u8), "- reading the routes (2 s)");
    }

    #[test]
    fn nothing_is_shown_to_a_file() {
        let quiet = Global { quiet: true, ..Global::default() };
        assert!(show(&quiet).0.is_none());
    }
}
