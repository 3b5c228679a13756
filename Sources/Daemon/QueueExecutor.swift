package import Dispatch

/// Runs tasks on a serial queue.
///
/// Swift's own executor runs them on Dispatch's global queues. Once one of those was used, libdispatch on Linux counts
/// its running threads each second, for ever (`_dispatch_workq_monitor_pools` in its src/event/workqueue.c): a process
/// that has nothing to do would wake up for that. The threads of serial queues are not counted.
package final class QueueExecutor: TaskExecutor {
  private let queue: DispatchQueue

  package init(_ queue: DispatchQueue) {
    self.queue = queue
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { @Sendable [self] in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
