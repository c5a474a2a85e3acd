//! The thread that builds: whatever happens to it, somebody is left to answer.

use std::panic::{set_hook, take_hook};
use std::thread;

use tokio::runtime;
use tokio::sync::mpsc;

use super::failure::Failure;
use crate::diagnostic::panicked;

/// The name of the thread that builds.
const THREAD: &str = "build";
/// As large as the stack of a program's first thread.
const STACK: usize = 8 << 20;

/// What some work comes to, done in a thread of its own; a panic there is an internal error, which users see, instead of
/// a bare exit code.
///
/// In a release nothing is unwound: the thread that panicked says so and stays where it is, so that the program need not
/// carry what unwinding takes, a sixth of its size. To be called once.
pub(super) async fn guarded<T, F>(work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: AsyncFnOnce() -> Result<T, Failure> + Send + 'static,
{
    let (tell, mut told) = mpsc::channel(1);
    let tell_panic = tell.clone();
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        if thread::current().name() != Some(THREAD) {
            return usual(panic);
        }
        // Were the answer there already, nobody would wait for another.
        let _ = tell_panic.try_send(Err(Failure::internal(&panicked(panic))));
        while cfg!(panic = "abort") {
            thread::park();
        }
    }));
    let build = move || {
        let runtime = runtime::Builder::new_current_thread().enable_time().build();
        let outcome = match runtime {
            Ok(runtime) => runtime.block_on(work()),
            Err(error) => Err(cannot_start(&error)),
        };
        let _ = tell.try_send(outcome);
    };
    let thread = thread::Builder::new().name(THREAD.to_owned()).stack_size(STACK).spawn(build);
    match thread {
        Ok(_) => told.recv().await.unwrap_or_else(|| Err(Failure::internal("the build came to nothing"))),
        Err(error) => Err(cannot_start(&error)),
    }
}

fn cannot_start(error: &std::io::Error) -> Failure {
    Failure::internal(&format!("cannot start: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::side_by_side::side_by_side;

    #[tokio::test]
    async fn a_panic_anywhere_in_the_work_is_an_internal_error_with_its_place() {
        assert_eq!(guarded(async || Ok(7)).await.unwrap(), 7);
        let failure = guarded(async || Err::<(), _>(Failure::plain("no"))).await.unwrap_err();
        assert_eq!(failure.message(), "no");
        let failure = guarded(async || side_by_side::<(), _>([async { unreachable!("at 42") }]).await);
        let message = failure.await.unwrap_err().message().to_owned();
        assert!(message.contains("at 42 (src/gateway/guard.rs:"), "{message}");
        assert!(message.contains("report"), "{message}");
    }
}
