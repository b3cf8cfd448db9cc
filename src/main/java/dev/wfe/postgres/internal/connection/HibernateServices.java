package dev.wfe.postgres.internal.connection;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.boot.registry.BootstrapServiceRegistryBuilder;
import org.hibernate.boot.registry.StandardServiceRegistry;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.boot.registry.classloading.internal.ClassLoaderServiceImpl;
import org.hibernate.boot.registry.classloading.internal.TcclLookupPrecedence;
import org.hibernate.bytecode.spi.BytecodeProvider;
import org.hibernate.engine.transaction.jta.platform.spi.JtaPlatformProvider;

/**
 * Starts Hibernate's services in isolation from the application's own Hibernate: they ignore {@code
 * hibernate.properties}, system properties, and integrators, types and services on the class path.
 * Thread-safe.
 */
public final class HibernateServices {
  private HibernateServices() {}

  /**
   * Starts the services with exactly these settings. The caller destroys the registry with {@code
   * StandardServiceRegistryBuilder.destroy}.
   */
  public static StandardServiceRegistry with(Map<String, Object> settings) {
    return StandardServiceRegistryBuilder.forJpa(
            new BootstrapServiceRegistryBuilder()
                .applyClassLoaderService(new IsolatedClassLoaderService())
                .build())
        .applySettings(settings)
        .build();
  }

  private static final class IsolatedClassLoaderService extends ClassLoaderServiceImpl {
    private static final long serialVersionUID = 1L;

    /**
     * Services that Hibernate cannot do without: bytecode generation, and detection of the
     * container's JTA platform.
     */
    private static final Set<Class<?>> REQUIRED_SERVICES =
        Set.of(BytecodeProvider.class, JtaPlatformProvider.class);

    IsolatedClassLoaderService() {
      super(
          List.of(
              HibernateServices.class.getClassLoader(),
              ClassLoaderServiceImpl.class.getClassLoader()),
          TcclLookupPrecedence.AFTER);
    }

    @Override
    public <S> Collection<S> loadJavaServices(Class<S> type) {
      return REQUIRED_SERVICES.contains(type) ? super.loadJavaServices(type) : List.of();
    }
  }
}
