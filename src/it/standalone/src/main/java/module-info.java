/** A shop. */
module shop {
  requires dev.wfe.postgres;
  requires flyway.core;
  requires jakarta.persistence;
  requires java.naming;
  requires org.hibernate.orm.core;

  // Hibernate reads the entities, Flyway the scripts.
  opens db.migration;
  opens shop;
}
