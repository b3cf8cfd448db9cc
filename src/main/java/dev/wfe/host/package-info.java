/**
 * An embeddable workflow engine: define a workflow in Java with {@link dev.wfe.host.Workflow},
 * execute it with {@link dev.wfe.host.WorkflowHost} on any {@link
 * dev.wfe.persistence.PersistenceProvider}, start and control it with {@link
 * dev.wfe.host.WorkflowClient}.
 *
 * <p>A step is executed at least once. A step whose outcome is stored is never executed again.
 */
@NullMarked
package dev.wfe.host;

import org.jspecify.annotations.NullMarked;
