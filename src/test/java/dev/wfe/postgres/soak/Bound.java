package dev.wfe.postgres.soak;

/**
 * How much a figure may grow: the median of the last third of its values, against that of the first
 * third.
 *
 * @param percent of the first third's
 * @param more on top of that
 * @param most that any single value may be
 */
record Bound(int percent, long more, long most) {
  private static final long ANY = Long.MAX_VALUE;

  /** By the name of the figure; see the README beside this. */
  static Bound of(String figure) {
    return switch (figure) {
      case Sampler.HEAP -> new Bound(5, 2_048, ANY);
      case Sampler.SESSION_MEMORY -> new Bound(5, 128, ANY);
      case Sampler.THREADS -> new Bound(0, 2, ANY);
      case Sampler.FILES -> new Bound(0, 5, ANY);
      case Sampler.CONNECTIONS -> new Bound(0, 0, ANY);
      case Sampler.POOLED -> new Bound(0, 0, Sampler.POOL_SIZE);
      case Sampler.BORROWED -> new Bound(0, 0, 0);
      case Sampler.PREPARED -> new Bound(0, 2, 64);
      default -> figure.endsWith(Sampler.ROWS) ? new Bound(1, 0, ANY) : new Bound(15, 128, ANY);
    };
  }

  /** For the last third, given the first. */
  long limit(long first) {
    return first + first * percent / 100 + more;
  }
}
