internal import CLinux

/// What the C library keeps of the memory that was freed.
package enum Heap {
  /// Keeps little: to be called before the process has a second thread.
  ///
  /// glibc gives each thread an arena of its own, up to eight for each processor, and none uses what is free in another's;
  /// but the threads here seldom allocate at the same time.
  package static func keepLittle() { _ = heap_be_small() }

  /// Gives back what a scan has needed and the time until the next does not.
  static func giveBack() { heap_give_back() }
}
