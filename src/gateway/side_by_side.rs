//! Work that waits for the daemon, done side by side.

use tokio::task::JoinSet;

use super::failure::Failure;

/// What every one of some tasks came to, in the order in which they were given.
pub(super) async fn side_by_side<T, F>(tasks: impl IntoIterator<Item = F>) -> Result<Vec<T>, Failure>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut running = JoinSet::new();
    for (index, task) in tasks.into_iter().enumerate() {
        running.spawn(async move { (index, task.await) });
    }
    let mut finished = Vec::new();
    while let Some(one) = running.join_next().await {
        finished.push(one.map_err(|error| Failure::internal(&error.to_string()))?);
    }
    finished.sort_by_key(|(index, _)| *index);
    Ok(finished.into_iter().map(|(_, outcome)| outcome).collect())
}
