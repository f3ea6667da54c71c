//! A child process under limits of time and memory.

use std::fs;
use std::io::{Read as _, Seek as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What a process may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time from its start to its end.
    pub time: Duration,
    /// Processor time of all its threads: what it takes on a machine that others use, too.
    pub processor: Duration,
    /// Memory that it holds at once, in bytes.
    pub memory: u64,
}

/// What a command may take.
pub const LIMITS: Limits =
    Limits { time: Duration::from_secs(10), processor: Duration::from_secs(20), memory: 1 << 30 };

/// What became of a process.
#[derive(Debug, Default)]
pub struct Ended {
    /// How it ended; `None` where it had to be stopped.
    pub status: Option<ExitStatus>,
    /// The limit that it was stopped at, in words.
    pub stopped: Option<String>,
    /// From its start to its end.
    pub wall: Duration,
    /// Processor time of all its threads.
    pub cpu: Duration,
    /// The most memory it held, in bytes: what the system says last before it ends. 0 where the system does not say.
    pub peak: u64,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it said beside.
    pub stderr: Vec<u8>,
}

/// Runs the command to its end or to its limits, without input.
///
/// # Errors
/// When it cannot be started.
pub fn run(command: &mut Command, limits: Limits) -> Result<Ended, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| format!("{name}: {error}");
    // Files and no pipes: nobody has to read while it runs.
    let (mut stdout, mut stderr) = (tempfile::tempfile().map_err(failed)?, tempfile::tempfile().map_err(failed)?);
    command.stdin(Stdio::null());
    command.stdout(stdout.try_clone().map_err(failed)?).stderr(stderr.try_clone().map_err(failed)?);
    let start = Instant::now();
    let mut child = command.spawn().map_err(failed)?;
    let mut ended = Ended::default();
    let mut pause = Duration::from_millis(1);
    loop {
        look(&child, &mut ended);
        ended.status = child.try_wait().map_err(failed)?;
        ended.wall = start.elapsed();
        if ended.status.is_some() {
            break;
        }
        if ended.wall > limits.time {
            ended.stopped = Some(format!("longer than {} s", limits.time.as_secs()));
        } else if ended.cpu > limits.processor {
            ended.stopped = Some(format!("longer than {} s of processor time", limits.processor.as_secs()));
        } else if ended.peak > limits.memory {
            ended.stopped = Some(format!("more than {} MB", limits.memory >> 20));
        }
        if ended.stopped.is_some() {
            let _ = child.kill();
            let _ = child.wait();
            break;
        }
        sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
    for (file, text) in [(&mut stdout, &mut ended.stdout), (&mut stderr, &mut ended.stderr)] {
        file.rewind().and_then(|()| file.read_to_end(text)).map_err(failed)?;
    }
    Ok(ended)
}

/// Ticks of processor time in a second: what Linux tells every program.
const TICKS: f64 = 100.0;

/// Asks the system what the process has taken so far.
fn look(child: &Child, ended: &mut Ended) {
    let read = |what: &str| fs::read_to_string(format!("/proc/{}/{what}", child.id())).unwrap_or_default();
    let peak =
        read("status").lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    ended.peak = ended.peak.max(peak.map_or(0, |kilobytes: u64| kilobytes << 10));
    // The second field is the name in brackets; user and system time are the 14th and 15th.
    let stat = read("stat");
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    let ticks: f64 = fields.filter_map(|field| field.parse::<f64>().ok()).sum();
    ended.cpu = ended.cpu.max(Duration::from_secs_f64(ticks / TICKS));
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn shell(script: &str, limits: Limits) -> Ended {
        run(Command::new("sh").args(["-c", script]), limits).expect("sh runs")
    }

    #[test]
    fn what_it_prints_and_how_it_ends_is_known() {
        let ended = shell("echo out; echo err >&2; exit 3", LIMITS);
        assert_eq!((&*ended.stdout, &*ended.stderr), (&b"out\n"[..], &b"err\n"[..]));
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        assert_eq!(ended.stopped, None);
    }

    #[test]
    fn what_takes_too_long_or_too_much_is_stopped() {
        let short = Limits { time: Duration::from_millis(50), ..LIMITS };
        assert_eq!(shell("exec sleep 60", short).stopped.as_deref(), Some("longer than 0 s"));
        let small = Limits { memory: 1 << 10, ..LIMITS };
        assert_eq!(shell("exec sleep 60", small).stopped.as_deref(), Some("more than 0 MB"));
    }
}
