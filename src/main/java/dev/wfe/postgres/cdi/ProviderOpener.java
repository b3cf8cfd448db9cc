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

/** Opens the provider that the settings describe. */
final class ProviderOpener {
  private static final String JNDI = "java:";

  private final CdiSettings settings;
  private final Instance<Object> beans;

  ProviderOpener(CdiSettings settings, Instance<Object> beans) {
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
      case CdiSettings.URL -> PostgresPersistenceProvider.connect(value, options);
      case CdiSettings.JNDI -> {
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
      return found(CdiSettings.UNIT, name, EntityManagerFactory.class);
    }
    Instance<EntityManagerFactory> factories =
        name.equals(CdiSettings.DEFAULT_UNIT)
            ? beans.select(EntityManagerFactory.class)
            : beans.select(EntityManagerFactory.class, NamedLiteral.of(name));
    if (!factories.isResolvable()) {
      throw new StoreSetupException(
          "%s is '%s', but there is %s EntityManagerFactory bean of that name; produce one, or set a"
                  .formatted(
                      CdiSettings.UNIT, name, factories.isAmbiguous() ? "more than one" : "no")
              + " JNDI name",
          null);
    }
    return factories.get();
  }

  /**
   * Looks up names of the container only: other names, such as those of LDAP, could load untrusted
   * objects.
   */
  @SuppressWarnings("BanJNDI")
  private static <T> T found(String key, String name, Class<T> type) {
    if (!name.startsWith(JNDI)) {
      throw new StoreSetupException(
          "%s has to be a JNDI name that starts with %s".formatted(key, JNDI), null);
    }
    try {
      return type.cast(InitialContext.<Object>doLookup(name));
    } catch (NamingException | ClassCastException failure) {
      throw new StoreSetupException(
          "%s: JNDI contains no %s named '%s'".formatted(key, type.getSimpleName(), name), failure);
    }
  }
}
