package dev.wfe.postgres.cdi;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.persistence.EntityManagerFactory;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** Opens the store that the settings describe. */
final class StoreOpening {
  private static final String JNDI = "java:";

  private final StoreSettings settings;
  private final Instance<Object> beans;

  StoreOpening(StoreSettings settings, Instance<Object> beans) {
    this.settings = settings;
    this.beans = beans;
  }

  PostgresPersistenceProvider open() {
    settings.check();
    PostgresPersistenceProvider provider = opened(settings.place(), settings.options());
    try {
      if (settings.isToBeMigrated()) {
        provider.ensureStoreExists();
      }
      if (settings.isToBeValidated()) {
        provider.validateStore();
      }
      return provider;
    } catch (RuntimeException failure) {
      provider.close();
      throw failure;
    }
  }

  private PostgresPersistenceProvider opened(String place, PostgresOptions options) {
    String value = settings.value(place);
    return switch (place) {
      case StoreSettings.URL -> PostgresPersistenceProvider.connect(value, options);
      case StoreSettings.JNDI -> {
        DataSource dataSource = found(place, value, DataSource.class);
        yield settings.isJta()
            ? PostgresPersistenceProvider.overJta(dataSource, options)
            : PostgresPersistenceProvider.over(dataSource, options);
      }
      default -> PostgresPersistenceProvider.over(unit(value), options);
    };
  }

  private EntityManagerFactory unit(String name) {
    if (name.startsWith(JNDI)) {
      return found(StoreSettings.UNIT, name, EntityManagerFactory.class);
    }
    Instance<EntityManagerFactory> factories =
        name.equals(StoreSettings.DEFAULT_UNIT)
            ? beans.select(EntityManagerFactory.class)
            : beans.select(EntityManagerFactory.class, NamedLiteral.of(name));
    if (!factories.isResolvable()) {
      throw new StoreSetupException(
          "%s is '%s', but %s EntityManagerFactory of that name is a bean; produce one, or give a"
                  .formatted(
                      StoreSettings.UNIT, name, factories.isAmbiguous() ? "more than one" : "no")
              + " JNDI name",
          null);
    }
    return factories.get();
  }

  /** Names of the container alone: others, such as those of LDAP, could bring strange objects. */
  @SuppressWarnings("BanJNDI")
  private static <T> T found(String key, String name, Class<T> type) {
    if (!name.startsWith(JNDI)) {
      throw new StoreSetupException(
          "%s is not a JNDI name that starts with %s".formatted(key, JNDI), null);
    }
    try {
      return type.cast(InitialContext.<Object>doLookup(name));
    } catch (NamingException | ClassCastException failure) {
      throw new StoreSetupException(
          "%s: there is no %s named '%s' in JNDI".formatted(key, type.getSimpleName(), name),
          failure);
    }
  }
}
