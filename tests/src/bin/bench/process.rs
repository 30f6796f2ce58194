//! What the system knows of a process, and of itself (Linux).

use std::fs;
use std::thread::available_parallelism;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Outcome;

/// Keeps this process and its children on two cores, so that figures of larger machines can be compared.
pub(crate) fn use_two_cores() -> Outcome<()> {
    if available_parallelism()?.get() <= 2 {
        return Ok(());
    }
    let ours = sched_getaffinity(None)?;
    let mut two = CpuSet::new();
    for core in (0..CpuSet::MAX_CPU).filter(|core| ours.is_set(*core)).take(2) {
        two.set(core);
    }
    Ok(sched_setaffinity(None, &two)?)
}

/// Lets this process and its children have as many connections as the system gives it at all: whoever asks too
/// much of a server needs many.
pub(crate) fn use_all_files() -> Outcome<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

/// Seconds of CPU time that a process has used, in all of its threads.
pub(crate) fn cpu(pid: u32) -> Outcome<f64> {
    // The unit of these two counts, whatever the kernel ticks with.
    const A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the name, in parentheses, with anything in it.
    let rest = stat.rsplit_once(") ").ok_or("/proc/*/stat has another form")?.1;
    let mut fields = rest.split(' ').skip(11);
    let mut next = || fields.next().and_then(|field| field.parse::<f64>().ok());
    let (own, systems) = next().zip(next()).ok_or("/proc/*/stat has another form")?;
    Ok((own + systems) / A_SECOND)
}

/// Resident memory in MiB: all of it, and what is not a mapped file (the program itself is one).
pub(crate) fn memory(pid: u32) -> Outcome<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let mib = |name: &str| -> Outcome<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        Ok(kib.ok_or(format!("/proc/*/status has no {name}"))? / 1024.0)
    };
    Ok((mib("VmRSS:")?, mib("RssAnon:")?))
}

/// What else the machine was busy with: the mean number of waiting threads of the last minute.
pub(crate) fn load_average() -> Outcome<String> {
    let line = fs::read_to_string("/proc/loadavg")?;
    Ok(line.split(' ').next().unwrap_or_default().to_owned())
}

/// The name of the processor.
pub(crate) fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or("a processor without a name", |(_, name)| name).to_owned()
}

/// The profile that this program was built with, by the folder that Cargo put it into.
pub(crate) fn profile() -> Outcome<String> {
    let path = std::env::current_exe()?;
    let folder = path.parent().and_then(|folder| folder.file_name());
    let name = folder.ok_or("this program stands in no folder")?.to_string_lossy().into_owned();
    Ok(if cfg!(debug_assertions) { format!("{name}, not optimised") } else { name })
}
