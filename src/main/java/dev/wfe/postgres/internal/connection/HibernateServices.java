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
 * Hibernate's services for the store alone. Nothing that an application has for its own Hibernate
 * reaches them: no {@code hibernate.properties}, no system property, no integrator, type or service
 * from the class path.
 */
public final class HibernateServices {
  private HibernateServices() {}

  /** With these settings and no others; to be closed by {@code StandardServiceRegistryBuilder}. */
  public static StandardServiceRegistry with(Map<String, Object> settings) {
    return StandardServiceRegistryBuilder.forJpa(
            new BootstrapServiceRegistryBuilder()
                .applyClassLoaderService(new OwnClassLoaderService())
                .build())
        .applySettings(settings)
        .build();
  }

  private static final class OwnClassLoaderService extends ClassLoaderServiceImpl {
    private static final long serialVersionUID = 1L;

    /** What Hibernate itself is made of, and what tells it of the container that it runs in. */
    private static final Set<Class<?>> NEEDED =
        Set.of(BytecodeProvider.class, JtaPlatformProvider.class);

    OwnClassLoaderService() {
      super(
          List.of(
              HibernateServices.class.getClassLoader(),
              ClassLoaderServiceImpl.class.getClassLoader()),
          TcclLookupPrecedence.AFTER);
    }

    @Override
    public <S> Collection<S> loadJavaServices(Class<S> type) {
      return NEEDED.contains(type) ? super.loadJavaServices(type) : List.of();
    }
  }
}
