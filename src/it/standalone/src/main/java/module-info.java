/** A shop. */
module shop {
  requires dev.wfe.postgres;
  requires flyway.core;
  requires jakarta.persistence;
  requires java.naming;
  requires org.hibernate.orm.core;

  // Hibernate needs the entities, and Flyway needs the scripts.
  opens db.migration;
  opens shop;
}
