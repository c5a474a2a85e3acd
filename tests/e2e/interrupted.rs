//! A build that is stopped in the middle leaves nothing behind and does not disturb the next one.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Build, Context, Process, lab};

#[test]
fn a_stopped_build_pushes_nothing_and_the_next_one_works() {
    // No other process sleeps for so long.
    let seconds = format!("47.{}", std::process::id());
    let context = Context::example("go-scratch").replacing(
        "cofferdam.yaml",
        "go: {main: cmd/sundial}",
        &format!("go: {{main: cmd/sundial}}\nbuild: {{run: [\"sleep {seconds}\"]}}"),
    );
    let reference = lab().reference(&format!("e2e/{}:stopped", context.name));
    let tar = context.path().with_extension("tar");
    let output = [
        format!("--tag={reference}"),
        "--push".to_owned(),
        format!("--output=type=oci,dest={}", tar.display()),
    ];
    let mut command = Build::of(&context).command(&output);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_the_sleep(&mut child);
    assert!(runs(&seconds), "the step sleeps on this machine");
    let start = Instant::now();
    Process::new("kill").args(["-TERM", &child.id().to_string()]).stdout();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "as for every client that is interrupted: {status}");
    assert!(start.elapsed() < Duration::from_secs(15), "it took {:?} to stop", start.elapsed());
    while runs(&seconds) {
        assert!(start.elapsed() < Duration::from_secs(30), "the step goes on without its build");
        std::thread::sleep(Duration::from_millis(100));
    }
    let left = std::fs::metadata(&tar).map_or(0, |file| file.len());
    let _ = std::fs::remove_file(&tar);
    assert_eq!(left, 0, "a half-written image stayed behind");
    let pushed = Process::new("crane").args(["--insecure", "digest", &reference]).finish();
    assert!(!pushed.success && pushed.stderr.contains("_UNKNOWN"), "{}", pushed.all());
    let next = Context::example("go-scratch");
    Build::of(&next).succeed(&["--output=type=cacheonly".to_owned()]);
}

/// Whether a `sleep` of this length runs.
fn runs(seconds: &str) -> bool {
    let line = format!("sleep\0{seconds}\0");
    let mut processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.any(|entry| std::fs::read_to_string(entry.path().join("cmdline")).is_ok_and(|of| of == line))
}

/// Reads the progress until the step that sleeps has begun.
fn wait_for_the_sleep(child: &mut std::process::Child) {
    use std::io::{BufRead, BufReader};
    let mut seen = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    for line in lines.by_ref() {
        let line = line.unwrap();
        seen += &line;
        seen.push('\n');
        if line.contains("sleep 47.") {
            // The rest is read elsewhere, so that the client never waits for a reader.
            std::thread::spawn(move || lines.for_each(drop));
            std::thread::sleep(Duration::from_secs(1));
            return;
        }
    }
    panic!("the build ended early:\n{seen}");
}
