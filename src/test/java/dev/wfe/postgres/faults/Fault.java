package dev.wfe.postgres.faults;

/** Something that goes wrong, on purpose. */
interface Fault {
  /** What goes wrong, in a few words. */
  String name();

  /** Makes it go wrong; when this returns, everything may work again. */
  void strike() throws Exception;
}
