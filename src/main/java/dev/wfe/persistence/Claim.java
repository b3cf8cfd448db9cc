package dev.wfe.persistence;

/**
 * The proof that a host took a lease. A write that names it is refused after another host took the
 * lease over. Immutable.
 *
 * @param subject what is leased: {@link Subject#WORKFLOW} or {@link Subject#EVENT}
 * @param id the id of the workflow or event
 * @param owner the host that took the lease
 * @param epoch identifies this lease among all leases that the workflow or event ever had. It is a
 *     random number, so that it does not repeat after a failover that lost commits
 */
public record Claim(Subject subject, String id, String owner, long epoch) {}
