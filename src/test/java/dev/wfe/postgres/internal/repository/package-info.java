/** Details of the repositories: leases of commands and their owners, and changes of pointers. */
@NullMarked
package dev.wfe.postgres.internal.repository;

import org.jspecify.annotations.NullMarked;
