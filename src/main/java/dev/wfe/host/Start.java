package dev.wfe.host;

/**
 * One of many starts; see {@link WorkflowClient#startWorkflows}.
 *
 * @param data the data with which the instance begins
 * @param options the options
 * @param <D> the class of the workflow's data
 */
public record Start<D>(D data, StartOptions options) {}
