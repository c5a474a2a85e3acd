//! A build that is stopped in the middle leaves nothing behind and does not disturb the next one.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Build, Context, Process};

#[test]
fn a_stopped_build_pushes_nothing_and_the_next_one_works() {
    let context = Context::example("go-scratch").replacing(
        "cofferdam.yaml",
        "go: {main: cmd/sundial}",
        "go: {main: cmd/sundial}\nbuild: {run: [\"sleep 47\"]}",
    );
    let tar = context.path().with_extension("tar");
    let output = format!("--output=type=oci,dest={}", tar.display());
    let mut command = Build::of(&context).command(&[output]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_the_sleep(&mut child);
    let start = Instant::now();
    Process::new("kill").args(["-TERM", &child.id().to_string()]).stdout();
    let status = child.wait().unwrap();
    assert!(!status.success(), "{status}");
    assert!(start.elapsed() < Duration::from_secs(15), "it took {:?} to stop", start.elapsed());
    let left = std::fs::metadata(&tar).map_or(0, |file| file.len());
    assert_eq!(left, 0, "a half-written image stayed behind");
    let _ = std::fs::remove_file(&tar);
    let next = Context::example("go-scratch");
    Build::of(&next).succeed(&["--output=type=cacheonly".to_owned()]);
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
        if line.contains("sleep 47") {
            // The rest is read elsewhere, so that the client never waits for a reader.
            std::thread::spawn(move || lines.for_each(drop));
            std::thread::sleep(Duration::from_secs(1));
            return;
        }
    }
    panic!("the build ended early:\n{seen}");
}
