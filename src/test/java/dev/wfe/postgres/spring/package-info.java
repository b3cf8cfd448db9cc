@NullMarked
package dev.wfe.postgres.spring;

import org.jspecify.annotations.NullMarked;
