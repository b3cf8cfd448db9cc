/** A shop. */
module shop {
  requires com.fasterxml.jackson.core;
  requires dev.wfe.postgres;
  requires flyway.core;
  requires jakarta.persistence;
  requires java.naming;
  requires org.hibernate.orm.core;

  // Hibernate needs the entities, Flyway the scripts, and Jackson the data.
  opens db.migration;
  opens shop;
}
