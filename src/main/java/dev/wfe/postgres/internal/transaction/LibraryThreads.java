package dev.wfe.postgres.internal.transaction;

/**
 * Creates threads that work for the provider, and not for the caller that happens to start them.
 */
final class LibraryThreads {
  private LibraryThreads() {}

  /**
   * Creates a thread that does not keep the process alive, and that has neither the context class
   * loader nor the thread locals of the calling thread.
   */
  static Thread create(Runnable task, String name) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(LibraryThreads.class.getClassLoader());
    return thread;
  }
}
