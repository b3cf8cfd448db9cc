/**
 * The orders of a file as workflows: an example of how to use {@code dev.wfe.host}.
 *
 * <p>{@link dev.wfe.cli.orders.OrderWorkflow} is the definition, and {@code OrderState} its data.
 * {@code Intake} starts workflows and publishes payments, {@code ParcelWorker} does the work
 * outside the host, and {@link dev.wfe.cli.orders.OrderProcessing} runs all of them in one process.
 *
 * <p>Every id is derived from the order's id, so each start and each payment may be repeated. That
 * is all that the application does for surviving a kill; the host and the database do the rest.
 */
@NullMarked
package dev.wfe.cli.orders;

import org.jspecify.annotations.NullMarked;
